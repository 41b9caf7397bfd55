import { createRng } from "@superbatch/random";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import type { StudyRecord } from "./records.ts";
import { checkpoints } from "./study.ts";

/** Total costs, in full evaluations, that are quoted. */
export const budgets: readonly number[] = [15, 30, 60];

/** Simple regret of one method on one problem at one budget, over seeds. */
export interface Summary {
  readonly problem: string;
  readonly method: string;
  readonly budget: number;
  readonly seeds: number;
  readonly mean: number;
  /** 95% interval of the mean by the bootstrap. */
  readonly interval: readonly [number, number];
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly worst: number;
}

/** All cells of which there are records, problem by problem, method by method. */
export function summarize(records: readonly StudyRecord[]): Summary[] {
  return problems.flatMap(({ name: problem }) =>
    methods.flatMap(({ name: method }) => {
      const studies = records.filter((record) => record.problem === problem && record.method === method);
      return studies.length === 0 ? [] : budgets.map((budget) => summarizeCell(problem, method, budget, studies));
    }),
  );
}

function summarizeCell(problem: string, method: string, budget: number, studies: readonly StudyRecord[]): Summary {
  const values = regretsAt(budget, studies);
  const sorted = values.toSorted((a, b) => a - b);
  return {
    problem,
    method,
    budget,
    seeds: values.length,
    mean: meanOf(values),
    interval: bootstrapInterval(values, `${problem} ${method} ${budget}`),
    lower: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upper: quantile(sorted, 0.75),
    worst: sorted.at(-1)!,
  };
}

/** Regret of each study once so much is spent. */
export function regretsAt(budget: number, studies: readonly StudyRecord[]): number[] {
  const index = checkpoints.indexOf(budget);
  return studies.map(({ regret }) => regret[index]!);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of a sample, divisor n − 1. */
export function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** @param sorted - ascending; between two values it interpolates. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!);
}

const resamples = 2000;

/** Percentile interval of the mean, 95%: means of so many samples of the seeds with replacement. */
export function bootstrapInterval(values: readonly number[], seed: string): readonly [number, number] {
  const rng = createRng(seed);
  const means = Array.from({ length: resamples }, () => meanOf(values.map(() => values[rng.integer(values.length)]!)));
  means.sort((a, b) => a - b);
  return [quantile(means, 0.025), quantile(means, 0.975)];
}
