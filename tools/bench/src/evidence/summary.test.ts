import { describe, expect, it } from "vitest";
import type { StudyRecord } from "./records.ts";
import { costByLevel, meanCurve, reach, standings } from "./summary.ts";

function study(method: string, seed: number, uniform: number[], more: Partial<StudyRecord> = {}): StudyRecord {
  const rest = { digest: "", data: "", workers: 1, recommended: [], target: uniform, fidelity: [], cost: [] };
  return { method, seed, uniform, suggestionSeconds: 0, ...rest, ...more };
}

const seedsOf = (method: string, seeds: number, end: (seed: number) => number) =>
  Array.from({ length: seeds }, (_, seed) => study(method, seed, [0.7, 0.6, end(seed)]));
const studies = new Map([
  ["ours", seedsOf("ours", 8, (seed) => 0.4 + seed / 100)],
  ["random", seedsOf("random", 9, (seed) => 0.5 + seed / 100)],
  ["slow", seedsOf("slow", 2, () => 0.3)],
  ["young", seedsOf("young", 6, () => 0.3)],
]);

describe("standings", () => {
  it("compare methods over the reference's seeds", () => {
    const [ours, random] = standings(studies, "uniform", "ours");
    expect(ours).toMatchObject({ seeds: 8, rank: 1, difference: undefined, p: undefined });
    expect(ours!.mean).toBeCloseTo(0.435, 12);
    expect(ours!.interval![0]).toBeLessThan(0.435);
    expect(random).toMatchObject({ seeds: 9, rank: 2 });
    // The ninth seed's 0.58 is not compared.
    expect(random!.worst).toBeCloseTo(0.57, 12);
    expect(random!.difference!.estimate).toBeCloseTo(0.1, 12);
    // Eight pairs of one sign: 2 of 256 outcomes are as extreme. Two methods are tested.
    expect(random!.p).toBeCloseTo(2 * (2 / 256), 12);
  });

  it("rank none that lacks some of these seeds, but tell how it differs in those it has", () => {
    const young = standings(studies, "uniform", "ours")[3]!;
    expect(young).toMatchObject({ method: "young", seeds: 6, worst: undefined, rank: undefined });
    expect(young.interval).toBeDefined();
    expect(young.difference!.estimate).toBeCloseTo(-0.125, 12);
  });

  it("say of a few seeds their mean alone", () => {
    const slow = standings(studies, "uniform", "ours")[2]!;
    expect(slow).toMatchObject({ method: "slow", seeds: 2, mean: 0.3 });
    for (const key of ["interval", "worst", "rank", "difference", "p"] as const) expect(slow[key]).toBeUndefined();
  });
});

describe("reach", () => {
  const errors = [
    [0.5, 0.3, 0.3],
    [0.3, 0.5, 0.3],
    [0.5, 0.5, 0.5],
  ];
  const own = errors.map((uniform, seed) => study("ours", seed, uniform));

  it("is the cost from which a study stays at an error: a dip does not count", () => {
    expect(reach(own.slice(0, 1), "uniform", 0.4, [3, 6, 9])).toEqual({ cost: 6, studies: 1 });
    expect(reach(own.slice(1, 2), "uniform", 0.4, [3, 6, 9])).toEqual({ cost: 9, studies: 1 });
  });

  it("is the median over studies, those that never get there included", () => {
    expect(reach(own, "uniform", 0.4, [3, 6, 9])).toEqual({ cost: 9, studies: 2 });
    expect(reach(own.slice(2), "uniform", 0.4, [3, 6, 9])).toEqual({ cost: Number.POSITIVE_INFINITY, studies: 0 });
  });
});

it("curves are means over seeds", () => {
  expect(meanCurve([study("a", 0, [0.2, 0.1]), study("a", 1, [0.4, 0.3])], "uniform")).toEqual([
    expect.closeTo(0.3, 12),
    expect.closeTo(0.2, 12),
  ]);
  expect(meanCurve([], "uniform")).toEqual([]);
});

it("cost counts where its trial was paid", () => {
  const one = study("a", 0, [], { fidelity: [32, 128, 64, null], cost: [1, 3, 4, 1] });
  const shares = costByLevel([one], [4, 5, 9]).map((each) => Object.fromEntries(each));
  expect(shares).toEqual([{ 32: 0.25, 128: 0.75 }, {}, { 64: 1 }]);
});
