import { ranksOf } from "../emulator/validate.ts";
import { signedRankTest } from "../regret/signed-rank.ts";
import { bootstrapInterval, meanOf } from "../regret/summary.ts";
import type { StudyRecord } from "./records.ts";

/** How a recommended configuration is trained when it is judged. */
export type Judge = "uniform" | "target";

/** What a method's studies came to. */
export interface Standing {
  readonly method: string;
  readonly seeds: number;
  /** Mean over seeds of the error at the last checkpoint, with a 95% interval by the bootstrap. */
  readonly mean: number;
  readonly interval: readonly [number, number];
  /** Over seeds, at the last checkpoint. */
  readonly worst: number;
  /** First checkpoint's cost at which the mean error is at most the yardstick's at the last; undefined if none is. */
  readonly reached: number | undefined;
  /** Mean rank at the last checkpoint among the methods, 1 being the best, over the seeds that all of them have. */
  readonly rank: number;
  /** Two-sided Wilcoxon signed-rank test against the reference over common seeds; 1 for the reference itself. */
  readonly p: number;
  /** Seeds in common with the reference. */
  readonly pairs: number;
}

export interface SummaryOptions {
  readonly judge: Judge;
  readonly checkpoints: readonly number[];
  /** Whom the others are tested against. */
  readonly reference: string;
  /** Whose error at the full budget is to be reached. */
  readonly yardstick: string;
}

/**
 * @param studies - by method; one for each seed
 * @returns in the order of the methods
 */
export function standings(studies: ReadonlyMap<string, readonly StudyRecord[]>, options: SummaryOptions): Standing[] {
  const { judge, checkpoints, reference, yardstick } = options;
  const goal = meanCurve(studies.get(yardstick) ?? [], judge).at(-1);
  const ends = new Map([...studies].map(([method, own]) => [method, finalErrors(own, judge)]));
  const ranks = meanRanks(ends);
  const base = ends.get(reference) ?? new Map<number, number>();
  return [...studies].map(([method, own]): Standing => {
    const errors = [...ends.get(method)!.values()];
    const common = [...base.keys()].filter((seed) => ends.get(method)!.has(seed));
    const at = goal === undefined ? -1 : meanCurve(own, judge).findIndex((error) => error <= goal);
    return {
      method,
      seeds: errors.length,
      mean: meanOf(errors),
      interval: bootstrapInterval(errors, method),
      worst: Math.max(...errors),
      reached: at === -1 ? undefined : checkpoints[at],
      rank: ranks.get(method)!,
      p: signedRankTest(
        common.map((seed) => ends.get(method)!.get(seed)!),
        common.map((seed) => base.get(seed)!),
      ),
      pairs: common.length,
    };
  });
}

/** Mean error over studies at each checkpoint; empty without studies. */
export function meanCurve(studies: readonly StudyRecord[], judge: Judge): number[] {
  const length = Math.min(...studies.map((study) => study[judge].length));
  return studies.length === 0 ? [] : Array.from({ length }, (_, i) => meanOf(studies.map((study) => study[judge][i]!)));
}

function finalErrors(studies: readonly StudyRecord[], judge: Judge): Map<number, number> {
  return new Map(studies.map((study) => [study.seed, study[judge].at(-1)!]));
}

function meanRanks(ends: ReadonlyMap<string, ReadonlyMap<number, number>>): Map<string, number> {
  const methods = [...ends.keys()];
  const first = ends.get(methods[0]!) ?? new Map<number, number>();
  const common = [...first.keys()].filter((seed) => methods.every((method) => ends.get(method)!.has(seed)));
  const bySeed = common.map((seed) => ranksOf(methods.map((method) => ends.get(method)!.get(seed)!)));
  return new Map(methods.map((method, m) => [method, meanOf(bySeed.map((ranks) => ranks[m]! + 1))]));
}

/**
 * Mean of log₂ of a fidelity's level over the trials that were paid between two checkpoints.
 *
 * @param unit - of the fidelity, for level 1
 * @returns for each checkpoint; NaN where no trial ended
 */
export function levelsOverCost(
  studies: readonly StudyRecord[],
  checkpoints: readonly number[],
  unit: number,
): number[] {
  const sums = checkpoints.map(() => ({ sum: 0, count: 0 }));
  for (const { fidelity, cost } of studies) {
    let spent = 0;
    for (const [i, value] of fidelity.entries()) {
      spent += cost[i]!;
      const bin = sums[checkpoints.findIndex((checkpoint) => spent <= checkpoint + 1e-9)];
      if (bin === undefined || value === null) continue;
      bin.sum += Math.log2(value / unit);
      bin.count++;
    }
  }
  return sums.map(({ sum, count }) => sum / count);
}
