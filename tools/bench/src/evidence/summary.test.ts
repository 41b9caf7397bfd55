import { describe, expect, it } from "vitest";
import type { StudyRecord } from "./records.ts";
import { levelsOverCost, meanCurve, standings } from "./summary.ts";

function study(method: string, seed: number, uniform: number[], more: Partial<StudyRecord> = {}): StudyRecord {
  const rest = { digest: "", data: "", workers: 1, recommended: [], target: uniform, fidelity: [], cost: [] };
  return { method, seed, uniform, suggestionSeconds: 0, ...rest, ...more };
}

const studies = new Map([
  ["ours", [0, 1, 2].map((seed) => study("ours", seed, [0.6, 0.5, 0.4 + seed / 100]))],
  ["random", [0, 1, 2, 3].map((seed) => study("random", seed, [0.7, 0.6, 0.5 + seed / 100]))],
]);
const options = { judge: "uniform", checkpoints: [3, 6, 9], reference: "ours", yardstick: "random" } as const;

describe("standings", () => {
  it("tell mean, worst, rank and the cost to reach what random search comes to", () => {
    const [ours, random] = standings(studies, options);
    expect(ours).toMatchObject({ method: "ours", seeds: 3, reached: 6, rank: 1, p: 1, pairs: 3 });
    expect(ours!.mean).toBeCloseTo(0.41, 12);
    expect(ours!.worst).toBeCloseTo(0.42, 12);
    expect(ours!.interval[0]).toBeLessThan(0.41);
    // Three pairs of one sign: 2 of 8 outcomes are as extreme.
    expect(random).toMatchObject({ seeds: 4, reached: 9, rank: 2, pairs: 3 });
    expect(random!.p).toBeCloseTo(0.25, 12);
  });

  it("say that a goal was not reached", () => {
    const worse = new Map(studies).set("random", [study("random", 0, [0.7, 0.6, 0.3])]);
    expect(standings(worse, options)[0]!.reached).toBeUndefined();
  });
});

it("curves are means over seeds", () => {
  expect(meanCurve([study("a", 0, [0.2, 0.1]), study("a", 1, [0.4, 0.3])], "uniform")).toEqual([
    expect.closeTo(0.3, 12),
    expect.closeTo(0.2, 12),
  ]);
  expect(meanCurve([], "uniform")).toEqual([]);
});

it("levels are counted where their trial was paid", () => {
  const one = study("a", 0, [], { fidelity: [32, 128, 64, null], cost: [2, 2, 4, 1] });
  expect(levelsOverCost([one], [3, 4, 9], 32)).toEqual([0, 2, 1]);
  expect(levelsOverCost([one], [1], 32)[0]).toBeNaN();
});
