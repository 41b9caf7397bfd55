import type { Point, SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import type { AlgorithmSpec } from "./algorithm-spec.ts";
import { createSuggestionEngine } from "./create-engine.ts";
import type { Observation, SuggestRequest } from "./engine.ts";
import { createLocalSurrogate, firstOf } from "./testing/local-surrogate.ts";

const { signal } = new AbortController();
const engine = createSuggestionEngine({ surrogate: createLocalSurrogate() });

const grid: SearchSpace = {
  parameters: [
    { name: "n", domain: { kind: "integer", min: 1, max: 12, scale: "linear" } },
    { name: "c", domain: { kind: "categorical", categories: ["a", "b"] } },
  ],
  constraints: [],
};
const categories: SearchSpace = {
  parameters: [{ name: "k", domain: { kind: "categorical", categories: ["p", "q", "r", "s"] } }],
  constraints: [],
};

function suggest(space: SearchSpace, algorithm: AlgorithmSpec, request: Partial<SuggestRequest>) {
  const none = { observations: [], infeasible: [], pending: [], sequence: 0, count: 1 };
  return engine.suggest({ space, algorithm, seed: "1", ...none, ...request }, signal);
}

const observed = (k: string, value: number): Observation => ({ point: { k }, value, cost: 1 });

describe.each(["entropy-search", "expected-improvement", "tpe"] as const)("%s", (kind) => {
  it("never repeats a point without saying so, and an infeasible one not at all", async () => {
    const observations: Observation[] = [];
    const infeasible: Point[] = [];
    const seen = new Set<string>();
    for (let sequence = 0; sequence < 20; sequence++) {
      const [suggestion] = await suggest(grid, { kind }, { observations, infeasible, sequence });
      const { point, replicate } = suggestion!;
      expect(replicate).toBe(seen.has(JSON.stringify(point)));
      seen.add(JSON.stringify(point));
      const n = point.n as number;
      expect(infeasible).not.toContainEqual(point);
      if (n > 10 || (n > 8 && point.c === "a")) infeasible.push(point);
      else observations.push({ point, value: -n / 3 - (point.c === "a" ? 0.5 : 0), cost: n / 4 });
    }
    expect(infeasible.length).toBeGreaterThan(1);
  }, 60_000);
});

describe("a space whose every point has a result or is infeasible", () => {
  const observations = [observed("p", 0), observed("q", 0.1), observed("r", 1)];

  it.each(["entropy-search", "expected-improvement"] as const)("has replicates of results under %s", async (kind) => {
    const found = await suggest(categories, { kind }, { observations, infeasible: [{ k: "s" }], sequence: 20 });
    expect(found).toMatchObject([{ replicate: true }]);
    expect(found[0]!.point.k).not.toBe("s");
  });

  it("has replicates of infeasible points where nothing was evaluated", async () => {
    const infeasible = ["p", "q", "r", "s"].map((k) => ({ k }));
    expect(await suggest(categories, { kind: "fabolas" }, { infeasible, sequence: 20 })).toMatchObject([
      { replicate: true },
    ]);
  });

  it.each(["tpe", "asha", "random", "sobol"] as const)("has no suggestion under %s", async (kind) => {
    expect(await suggest(categories, { kind }, { observations, infeasible: [{ k: "s" }], sequence: 20 })).toEqual([]);
    const pending = [{ k: "s" }];
    expect(await suggest(categories, { kind }, { observations, pending, sequence: 20 })).toEqual([]);
    expect(await suggest(categories, { kind }, { observations, sequence: 20, count: 3 })).toMatchObject([
      { point: { k: "s" }, replicate: false },
    ]);
  });
});

describe("an initial design", () => {
  const algorithm = { kind: "expected-improvement", initialPoints: 8 } as const;

  it("has no point of a small space twice as long as there are others", async () => {
    const found = await suggest(grid, algorithm, { count: 8 });
    expect(new Set(found.map(({ point }) => JSON.stringify(point))).size).toBe(8);
    expect(found.every(({ replicate }) => !replicate)).toBe(true);
    const all = await suggest(categories, algorithm, { count: 8 });
    expect(new Set(all.slice(0, 4).map(({ point }) => point.k)).size).toBeGreaterThan(2);
    const seen = new Set<unknown>();
    for (const { point, replicate } of all) {
      expect(replicate).toBe(seen.has(point.k));
      seen.add(point.k);
    }
    expect(seen.size).toBe(4);
  });

  it("passes over what was imported, and goes on with its own points", async () => {
    const design = await suggest(grid, algorithm, { count: 8 });
    const imported = [{ point: design[2]!.point, value: 1, cost: 1 }];
    const found = await suggest(grid, algorithm, { count: 8, observations: imported });
    expect(found.map(({ point }) => point)).not.toContainEqual(imported[0]!.point);
    expect(found.toSpliced(2, 1)).toEqual(design.toSpliced(2, 1));
  });
});

describe("a study with more results than its model is given", () => {
  it("knows all of them", async () => {
    const count = 5_390;
    const domain = { kind: "integer", min: 1, max: count, scale: "linear" } as const;
    const numbers: SearchSpace = { parameters: [{ name: "n", domain }], constraints: [] };
    const observations = Array.from({ length: count }, (_, i) => ({ point: { n: i + 1 }, value: i, cost: 1 }));
    const local = createLocalSurrogate();
    const light = createSuggestionEngine({
      surrogate: { fit: (data, options, each) => local.fit(firstOf(data, 20), { seed: options.seed }, each) },
    });
    const request = { space: numbers, algorithm: { kind: "expected-improvement" } as const, seed: "1", infeasible: [] };
    const [suggestion] = await light.suggest(
      { ...request, pending: [], observations, sequence: count, count: 1 },
      signal,
    );
    expect(suggestion).toMatchObject({ origin: "model", replicate: true, fit: { results: count } });
    expect(suggestion!.fit!.observations).toBeLessThan(5_120);
  }, 60_000);
});
