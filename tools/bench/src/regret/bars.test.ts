import { expect, it } from "vitest";
import { regretBars } from "./bars.ts";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import { budgets, type Summary } from "./summary.ts";

const ours = "entropy-search";
const cell = (method: string, problem: string, budget: number, mean: number, seeds: number): Summary => ({
  ...{ problem, method, budget, seeds, mean, interval: [0.9 * mean, 1.1 * mean] },
  ...{ lower: mean, median: mean, upper: mean, worst: 2 * mean },
});
/** @param mean - of a method at the end, ours having 1 */
const summaries = (mean: (method: string, problem: string) => number, seeds: (method: string) => number = () => 20) =>
  problems.flatMap(({ name: problem }) =>
    methods.flatMap(({ name: method }) =>
      budgets.map((budget) =>
        cell(method, problem, budget, method === ours ? 1 : mean(method, problem), seeds(method)),
      ),
    ),
  );
const values = (all: Summary[]) => regretBars(all).map(({ value }) => value);

it("count where nobody is better beyond the intervals, and where nobody's worst is lower", () => {
  expect(values(summaries(() => 10))).toEqual([6, 6, 9]);
  // Tied on the mean, behind on the worst.
  expect(values(summaries(() => 0.95))).toEqual([6, 0, 9]);
  expect(values(summaries((method, problem) => (method === "fabolas" && problem === "park" ? 0.5 : 10)))).toEqual([
    5, 5, 9,
  ]);
});

it("count no problem on which ours has fewer seeds than a rival, and tell who has fewer than wanted", () => {
  expect(
    values(
      summaries(
        () => 10,
        (method) => (method === ours ? 14 : 20),
      ),
    ),
  ).toEqual([0, 0, 9]);
  expect(
    values(
      summaries(
        () => 10,
        (method) => (method === "fabolas" ? 2 : 20),
      ),
    ),
  ).toEqual([6, 6, 8]);
  const without = summaries(() => 10).filter(({ method }) => method !== "botorch-mf-kg");
  expect(values(without)).toEqual([6, 6, 8]);
});

it("count all as solved below a thousandth of random search's regret at the first budget", () => {
  const solved = summaries((method) => (method === "random" ? 1e4 : 0.01));
  expect(values(solved)).toEqual([6, 6, 9]);
});
