import type { Effect } from "../emulator/effect.ts";
import { markdownTable, percent, points } from "./markdown.ts";
import { overheadLimit, paperSpeeds } from "./overhead.ts";
import { type Studies, studiesByMethod } from "./records.ts";
import { fewestSeeds, meanCurve, type Standing, standings } from "./summary.ts";

/** What is claimed, and what the records say of it. Words and figures are made of the records alone. */
export interface VerdictInput {
  readonly studies: Studies;
  readonly checkpoints: readonly number[];
  /** Ours. */
  readonly reference: string;
  /** Whose error at the full budget is to be reached sooner. */
  readonly yardstick: string;
  /** Of importance sampling in every step, at equal hyperparameters. */
  readonly effects: readonly Effect[];
  /** Of a suggestion, at most. */
  readonly suggestionSeconds: number;
}

/** How many times less cost than random search is wanted. */
const wantedSaving = 3;

export function verdictTable(input: VerdictInput): string {
  return markdownTable(
    ["claim", "holds here?", "what was measured"],
    [steps(input), mean(input), worst(input), saving(input), overhead(input)],
  );
}

function steps({ effects }: VerdictInput): string[] {
  const claim = "importance sampling in every step lowers the error at equal steps";
  const known = effects.filter(({ runs }) => runs > 1);
  if (known.length === 0) return [claim, "not measured", ""];
  const helps = known.filter(({ difference, standardError }) => difference + 2 * standardError < 0).length;
  const figures = known.map(
    ({ level, difference, standardError }) =>
      `${points(difference, { digits: 2, signed: true })} ± ${points(standardError, { digits: 2 })} at ${level}b`,
  );
  const harms = known.filter(({ difference, standardError }) => difference - 2 * standardError > 0).length;
  const verdict = helps + harms === 0 ? "not shown" : answer(helps === known.length, helps > 0);
  return [claim, verdict, `test error, points: ${figures.join(", ")}`];
}

function mean({ studies, reference }: VerdictInput): string[] {
  const claim = "at equal cost ours has the lowest mean error, or is tied";
  const { own, others } = compared(studies, reference);
  if (!own || others.length === 0) return [claim, "not measured", ""];
  const better = others.filter(({ difference, p }) => difference !== undefined && difference.estimate < 0 && p! < 0.05);
  const best = lowest([own, ...others], ({ mean: value }) => value);
  return [
    claim,
    best === own ? "yes" : better.length === 0 ? "tied" : "no",
    `ours ${percent(own.mean)}, lowest ${percent(best.mean)} (${titleOf(studies, best)}); ${better.length} of ${others.length} methods better at p < 0.05`,
  ];
}

function worst({ studies, reference }: VerdictInput): string[] {
  const claim = "its worst seed is the best";
  const { own, others } = compared(studies, reference);
  const ranked = others.filter((standing) => standing.worst !== undefined);
  if (own?.worst === undefined || ranked.length === 0) return [claim, "not measured", ""];
  const best = lowest([own, ...ranked], (standing) => standing.worst!);
  const place = ranked.filter((standing) => standing.worst! < own.worst!).length + 1;
  return [
    claim,
    best === own ? "yes" : "no",
    `ours ${percent(own.worst)}, place ${place} of ${ranked.length + 1}; best ${percent(best.worst!)} (${titleOf(studies, best)})`,
  ];
}

function saving({ studies, checkpoints, reference, yardstick }: VerdictInput): string[] {
  const claim = `ours is at random search's final error for a ${ordinal(wantedSaving)} of its cost`;
  const byMethod = studiesByMethod(studies);
  const goal = meanCurve(byMethod.get(yardstick) ?? [], "uniform").at(-1);
  const curve = meanCurve(byMethod.get(reference) ?? [], "uniform");
  if (goal === undefined || curve.length === 0) return [claim, "not measured", ""];
  const cost = checkpoints[curve.findLastIndex((error) => error > goal) + 1];
  const budget = checkpoints.at(-1)!;
  if (cost === undefined) return [claim, "no", `its mean does not stay at ${percent(goal)} or below`];
  return [
    claim,
    answer(budget / cost >= wantedSaving, false),
    `its mean stays at or below ${percent(goal)} from a cost of ${cost} of ${budget} on: ${(budget / cost).toFixed(1)} times less`,
  ];
}

function overhead({ suggestionSeconds }: VerdictInput): string[] {
  const claim = "the optimizer's own time is below 2% of the cost at the paper's scale";
  if (Number.isNaN(suggestionSeconds)) return [claim, "not measured", ""];
  const limit = overheadLimit(suggestionSeconds, 0.02);
  return [
    claim,
    answer(limit >= paperSpeeds.at(-1)!, limit >= paperSpeeds[0]!),
    `${suggestionSeconds.toPrecision(2)} s a suggestion: below 2% on GPUs that train at up to ${Math.round(limit / 1e12)} × 10¹² operations per second`,
  ];
}

/** Ours and the others, of enough seeds each. */
function compared(studies: Studies, reference: string): { own: Standing | undefined; others: Standing[] } {
  const all = standings(studiesByMethod(studies), "uniform", reference).filter(({ seeds }) => seeds >= fewestSeeds);
  return {
    own: all.find(({ method }) => method === reference),
    others: all.filter(({ method }) => method !== reference),
  };
}

function lowest(all: readonly Standing[], of: (standing: Standing) => number): Standing {
  return all.reduce((a, b) => (of(b) < of(a) ? b : a));
}

function titleOf(studies: Studies, { method }: Standing): string {
  return studies.find(([{ name }]) => name === method)![0].title;
}

function answer(whole: boolean, part: boolean): string {
  return whole ? "yes" : part ? "in part" : "no";
}

function ordinal(count: number): string {
  return count === 3 ? "third" : `${count}th`;
}
