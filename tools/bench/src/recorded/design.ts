import { createRng, createSobol } from "@superbatch/random";
import { fromUnit, type RecordedProblem } from "./problem.ts";

/**
 * How a run chooses its examples. `published`: importance sampling with the switch at τ > (B + 3b) / (3b); `always`: importance sampling in every step;
 * `share`: uniform sampling from a part of the training examples, for as many epochs.
 */
export type Family = "uniform" | "published" | "always" | "share";

/** A family at one level: the multiple of b that is scored, or the share of the examples. Of uniform sampling of all examples 1. */
export interface Cell {
  readonly family: Family;
  readonly level: number;
}

/** One run to train. Equal tasks give equal runs, but for what they cost. */
export interface RunTask extends Cell {
  /** Number of its point in the cell's sequence; or of a series of repeats, whose points come from records. */
  readonly point: number;
  /** Hyperparameters in plain units, in the order of the problem's. */
  readonly x: readonly number[];
  readonly seed: number;
}

/** In each cell one run of so many repeats an earlier point with another seed, for the noise. */
const repeatEvery = 6;

/**
 * Levels at which the published switch can be on: importance sampling begins where τ, which is at most √b as long as sampling is uniform, exceeds
 * (B + 3b) / (3b). At higher ones a run is uniform SGD.
 */
export function switchLevels({ levels, batchSize }: Pick<RecordedProblem, "levels" | "batchSize">): number[] {
  return levels.filter((level) => (level + 3) / 3 < Math.sqrt(batchSize));
}

/** The cells in the order in which they are trained, over and over: the cheap ones more often. */
export function cellsOf(problem: RecordedProblem): Cell[] {
  const { levels, shares } = problem;
  const cells = (family: Family, values: readonly number[]) => values.map((level): Cell => ({ family, level }));
  const uniform: Cell = { family: "uniform", level: 1 };
  const rounds = [
    [uniform, ...cells("published", switchLevels(problem)), ...cells("always", levels)],
    [uniform, ...cells("share", shares)],
    [uniform, ...cells("published", levels.slice(0, 1)), ...cells("always", levels.slice(0, 2))],
  ];
  return rounds.flat();
}

/**
 * Run `index` of a benchmark. Each cell goes through a scrambled Sobol sequence of its own, so that the design can be extended at any time and what there is of it
 * is balanced.
 */
export function runTask(problem: RecordedProblem, index: number): RunTask {
  const cells = cellsOf(problem);
  const cell = cells[index % cells.length]!;
  const slots = cells.flatMap((each, slot) => (sameCell(each, cell) ? [slot] : []));
  const number = Math.floor(index / cells.length) * slots.length + slots.indexOf(index % cells.length);
  const repeats = number % repeatEvery === repeatEvery - 1;
  // The repeated point is the first of its group of six.
  const point = repeats ? number - repeatEvery + 1 : number;
  return { ...cell, point, x: pointOf(problem, cell, point), seed: repeats ? 1 : 0 };
}

/** Kinds of cells, in the order of tables. */
const families: readonly Family[] = ["uniform", "published", "always", "share"];

/** Each of the design's cells once, family by family, levels ascending. */
export function distinctCells(problem: RecordedProblem): Cell[] {
  return cellsOf(problem)
    .filter((cell, i, all) => all.findIndex((each) => sameCell(each, cell)) === i)
    .sort((a, b) => families.indexOf(a.family) - families.indexOf(b.family) || a.level - b.level);
}

export function sameCell(a: Cell, b: Cell): boolean {
  return a.family === b.family && a.level === b.level;
}

/** What tells one run from another. */
export function keyOf({ family, level, x, seed }: Omit<RunTask, "point">): string {
  return `${family} ${level} ${x.join(" ")} ${seed}`;
}

function pointOf(problem: RecordedProblem, { family, level }: Cell, number: number): number[] {
  const sequence = createSobol(problem.hyperparameters.length, { rng: createRng(`recorded/${family}/${level}`) });
  sequence.skip(number);
  return fromUnit(problem, Array.from(sequence.next()));
}
