import { ranksOf } from "../emulator/validate.ts";
import { holm, type Shift, signedRankShift, signedRankTest } from "../regret/signed-rank.ts";
import { bootstrapInterval, meanOf } from "../regret/summary.ts";
import { median } from "../timing.ts";
import type { StudyRecord } from "./records.ts";

/** How a recommended configuration is trained when it is judged. */
export type Judge = "uniform" | "target";

/** Fewer seeds say nothing of a method: neither an interval nor a rank. */
export const fewestSeeds = 5;

/** What a method's studies came to. */
export interface Standing {
  readonly method: string;
  readonly seeds: number;
  /** Mean over seeds of the error at the last checkpoint. */
  readonly mean: number;
  /** 95%, by the bootstrap; undefined of fewer than {@link fewestSeeds}. */
  readonly interval: readonly [number, number] | undefined;
  /** Over the reference's seeds; undefined of a method that lacks one, or of fewer than {@link fewestSeeds}. Of fewer seeds the worst would look better. */
  readonly worst: number | undefined;
  /** Mean rank among those methods over those seeds, 1 being the best. */
  readonly rank: number | undefined;
  /** Of the errors from the reference's, seed by seed, in common seeds; undefined of the reference and of fewer than {@link fewestSeeds}. */
  readonly difference: Shift | undefined;
  /** Wilcoxon's signed-rank test of those differences, two-sided, corrected by Holm for the number of methods tested. */
  readonly p: number | undefined;
}

/** Studies by method; one for each seed. */
export type StudiesByMethod = ReadonlyMap<string, readonly StudyRecord[]>;

/** @returns in the order of the methods */
export function standings(studies: StudiesByMethod, judge: Judge, reference: string): Standing[] {
  const ends = new Map([...studies].map(([method, own]) => [method, finalErrors(own, judge)]));
  const seeds = [...(ends.get(reference)?.keys() ?? [])];
  const compared = [...ends].filter(([, own]) => own.size >= fewestSeeds && seeds.every((seed) => own.has(seed)));
  const ranks = seeds.map((seed) => ranksOf(compared.map(([, own]) => own.get(seed)!)));
  const tests = testsAgainst(ends, reference);
  return [...ends].map(([method, own]): Standing => {
    const errors = [...own.values()];
    const place = compared.findIndex(([name]) => name === method);
    const isCompared = place !== -1 && seeds.length > 0;
    return {
      method,
      seeds: errors.length,
      mean: meanOf(errors),
      interval: errors.length < fewestSeeds ? undefined : bootstrapInterval(errors, method),
      worst: isCompared ? Math.max(...seeds.map((seed) => own.get(seed)!)) : undefined,
      rank: isCompared ? meanOf(ranks.map((each) => each[place]! + 1)) : undefined,
      difference: tests.get(method)?.difference,
      p: tests.get(method)?.p,
    };
  });
}

function testsAgainst(ends: ReadonlyMap<string, ReadonlyMap<number, number>>, reference: string) {
  const base = ends.get(reference) ?? new Map<number, number>();
  const tested = [...ends].flatMap(([method, own]) => {
    const common = commonSeeds([own, base]);
    if (method === reference || common.length < fewestSeeds) return [];
    return [{ method, own: common.map((seed) => own.get(seed)!), others: common.map((seed) => base.get(seed)!) }];
  });
  const p = holm(tested.map(({ own, others }) => signedRankTest(own, others)));
  return new Map(
    tested.map(({ method, own, others }, i) => {
      const difference = signedRankShift(own.map((error, k) => error - others[k]!));
      return [method, { difference, p: p[i]! }];
    }),
  );
}

/** How soon a method's studies come to an error and stay there. */
export interface Reach {
  /** Median cost over the studies; Infinity if less than half of them get there. */
  readonly cost: number;
  /** How many get there at all. */
  readonly studies: number;
}

/** @param goal - mean test error of the recommendation */
export function reach(
  studies: readonly StudyRecord[],
  judge: Judge,
  goal: number,
  checkpoints: readonly number[],
): Reach {
  const costs = studies.map((study) => {
    const last = study[judge].findLastIndex((error) => error > goal);
    return checkpoints[last + 1] ?? Number.POSITIVE_INFINITY;
  });
  return { cost: median(costs), studies: costs.filter(Number.isFinite).length };
}

/** Mean error over studies at each checkpoint; empty without studies. */
export function meanCurve(studies: readonly StudyRecord[], judge: Judge): number[] {
  const length = Math.min(...studies.map((study) => study[judge].length));
  return studies.length === 0 ? [] : Array.from({ length }, (_, i) => meanOf(studies.map((study) => study[judge][i]!)));
}

function finalErrors(studies: readonly StudyRecord[], judge: Judge): Map<number, number> {
  return new Map(studies.map((study) => [study.seed, study[judge].at(-1)!]));
}

function commonSeeds([first, ...others]: readonly ReadonlyMap<number, unknown>[]): number[] {
  return [...(first?.keys() ?? [])].filter((seed) => others.every((own) => own.has(seed)));
}

/**
 * Share of the cost that went into each level of a fidelity between two checkpoints, over all studies.
 *
 * @returns for each checkpoint: by level; empty where no trial ended
 */
export function costByLevel(
  studies: readonly StudyRecord[],
  checkpoints: readonly number[],
): ReadonlyMap<number, number>[] {
  const sums = checkpoints.map(() => new Map<number, number>());
  for (const { fidelity, cost } of studies) {
    let spent = 0;
    for (const [i, level] of fidelity.entries()) {
      spent += cost[i]!;
      const bin = sums[checkpoints.findIndex((checkpoint) => spent <= checkpoint + 1e-9)];
      if (bin !== undefined && level !== null) bin.set(level, (bin.get(level) ?? 0) + cost[i]!);
    }
  }
  return sums.map((bin) => {
    const total = [...bin.values()].reduce((sum, each) => sum + each, 0);
    return new Map([...bin].map(([level, each]) => [level, each / total]));
  });
}
