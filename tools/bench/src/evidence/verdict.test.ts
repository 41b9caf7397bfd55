import { expect, it } from "vitest";
import { methods } from "./methods.ts";
import type { StudyRecord } from "./records.ts";
import { type VerdictInput, verdictTable } from "./verdict.ts";

const checkpoints = [20, 40, 60];
const levels = [2, 4].map((level) => ({ level, runs: 20, difference: -0.01, standardError: 0.002 }));

/** @param curves - of each seed of a method */
function judged(curves: Record<string, number[][]>, changes: Partial<VerdictInput> = {}): string[][] {
  const studies = methods
    .filter(({ role }) => role !== "variant")
    .map((method) => {
      const rest = { digest: "", data: "", workers: 1, recommended: [], fidelity: [], cost: [], suggestionSeconds: 1 };
      const own = (curves[method.name] ?? []).map(
        (uniform, seed): StudyRecord => ({ ...rest, method: method.name, seed, uniform, target: uniform }),
      );
      return [method, own] as const;
    });
  const table = verdictTable({
    studies,
    checkpoints,
    reference: "entropy-search",
    yardstick: "random",
    effects: levels,
    suggestionSeconds: 1,
    ...changes,
  });
  return table
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((text) => text.trim()),
    );
}

const eight = (curve: (seed: number) => number[]) => Array.from({ length: 8 }, (_, seed) => curve(seed));
const answers = (rows: string[][]) => rows.map(([, verdict]) => verdict);

it("says yes where all of it was measured", () => {
  const rows = judged({
    "entropy-search": eight((seed) => [0.4, 0.4, 0.3 + seed / 1000]),
    random: eight((seed) => [0.6, 0.55, 0.5 + seed / 1000]),
  });
  expect(answers(rows)).toEqual(["yes", "yes", "yes", "yes", "yes"]);
  expect(rows[3]![2]).toContain("from a cost of 20 of 60 on: 3.0 times less");
});

it("says no where others are better, and tied where nobody can be told to be", () => {
  const worse = judged(
    {
      "entropy-search": eight((seed) => [0.6, 0.6, 0.55 + seed / 1000]),
      random: eight((seed) => [0.6, 0.55, 0.5 + seed / 1000]),
    },
    { effects: levels.map((each) => ({ ...each, difference: 0.01 })), suggestionSeconds: 1000 },
  );
  expect(answers(worse)).toEqual(["no", "no", "no", "no", "no"]);
  const tied = judged(
    {
      "entropy-search": eight((seed) => [0.6, 0.5, 0.5 + (seed % 2) / 100]),
      random: eight((seed) => [0.6, 0.5, 0.499 + ((seed + 1) % 2) / 100]),
    },
    { effects: levels.map((each) => ({ ...each, standardError: 0.01 })) },
  );
  expect(answers(tied).slice(0, 2)).toEqual(["not shown", "tied"]);
});

it("says what was not measured", () => {
  const rows = judged({}, { effects: [], suggestionSeconds: Number.NaN });
  expect(new Set(answers(rows))).toEqual(new Set(["not measured"]));
});
