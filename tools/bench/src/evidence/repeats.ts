import type { Emulator } from "../emulator/emulator.ts";
import { sigmoid, type Table } from "../emulator/table.ts";
import { meanOf, varianceOf } from "../regret/summary.ts";
import { percent } from "./markdown.ts";

/** What recorded repeats say of the noise at the end of a training, and what the emulator makes of it. Errors are between 0 and 1. */
export interface RepeatNoise {
  /** Places that were trained twice or more without diverging; two trainings of each count. */
  readonly places: number;
  /** Standard deviation of the validation error between trainings of one place. */
  readonly recorded: number;
  /** The same of emulated trainings at the same places. */
  readonly emulated: number;
  /** Standard deviation of what a training's validation error differs by from its test error. */
  readonly difference: number;
  /** Covariance of that difference between two trainings of one place: the variance of the part that belongs to the place. Below 0 by chance where there is none. */
  readonly differenceOfPlace: number;
}

const emulatedSeeds = 24;

/** @param below - places of a mean test error below this count */
export function compareRepeats(emulator: Emulator, below: number): RepeatNoise {
  const { table } = emulator;
  const [validation, test] = [errorsOf(table, "validation"), errorsOf(table, "test")];
  const pairs = pairsOf(table).filter((pair) => meanOf(pair.map((i) => test[i]!)) < below);
  const differences = pairs.map((pair) => pair.map((i) => validation[i]! - test[i]!) as [number, number]);
  const mean = meanOf(differences.flat());
  const emulated = pairs.map(([i]) => {
    const errors = Array.from({ length: emulatedSeeds }, (_, k) => emulator.run(table.runs[i]!, `repeat ${k}`).error);
    return varianceOf(errors.map((curve) => curve.at(-1)!));
  });
  return {
    places: pairs.length,
    recorded: Math.sqrt(meanOf(pairs.map(([i, k]) => (validation[i]! - validation[k]!) ** 2 / 2))),
    emulated: Math.sqrt(meanOf(emulated)),
    difference: Math.sqrt(meanOf(differences.flat().map((value) => (value - mean) ** 2))),
    differenceOfPlace: meanOf(differences.map(([a, b]) => (a - mean) * (b - mean))),
  };
}

/** In words. @param margin - places within this of the lowest emulated error count */
export function describeRepeats(emulator: Emulator, lowest: number, margin: number): string {
  const { places, recorded, emulated, difference, differenceOfPlace } = compareRepeats(emulator, lowest + margin);
  if (places === 0) return "No place was trained twice, so that emulated trainings of one place do not differ.";
  const ofPlace = differenceOfPlace / difference ** 2;
  return (
    `At the ${places} places within ${percent(margin, 0)} of the lowest error that were trained twice, the validation error at the end differs by seeds with a standard deviation of ${percent(recorded, 2)}; ` +
    `of emulated trainings there it is ${percent(emulated, 2)}. A training's validation and test errors differ with one of ${percent(difference, 2)}, and ${percent(Math.max(0, ofPlace), 0)} of that variance belongs to the place: ` +
    "so both are emulated by one regression."
  );
}

function errorsOf(table: Table, examples: "validation" | "test"): Float64Array {
  return table.values(examples === "test" ? { kind: "test" } : { kind: "error", at: table.points - 1 }).map(sigmoid);
}

function pairsOf({ runs, groups }: Table): [number, number][] {
  const places = [...Map.groupBy(runs.keys(), (i) => groups[i]!).values()];
  return places.flatMap((same) => {
    const [first, second] = same.filter((i) => runs[i]!.ending === "finished");
    return first === undefined || second === undefined ? [] : [[first, second]];
  });
}
