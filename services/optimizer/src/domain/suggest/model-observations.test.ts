import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import type { Observation } from "./engine.ts";
import { inferenceSize } from "./model-fit.ts";
import { chosenOfEach, modelObservations, ofModel } from "./model-observations.ts";
import { space } from "./testing/problem.ts";

const rng = createRng("model observations");
const levels = [100, 1_000, 50_000];
const observations = Array.from(
  { length: 12_000 },
  (_, i): Observation => ({
    point: { x: rng.uniform(), super_batch: levels[i % 3]! },
    // The lowest fidelity looks best everywhere.
    value: (i % 3) + 0.9 * rng.uniform(),
    cost: 1,
  }),
);
const of = (n: number) => modelObservations({ space, observations: observations.slice(0, n) });

describe("modelObservations", () => {
  it("is all of up to 5,119", () => {
    for (const n of [0, 1, 300, 5_119]) expect(of(n)).toEqual(Array.from({ length: n }, (_, i) => i));
  });

  it("is ascending and bounded for more, and has all of the latest", () => {
    for (const n of [5_120, 5_375, 5_376, 9_001, 12_000]) {
      const chosen = of(n);
      expect(chosen.length).toBeGreaterThanOrEqual(4_864);
      expect(chosen.length).toBeLessThan(5_120);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(chosen).toEqual([...chosen].sort((a, b) => a - b));
      const latest = n % 256;
      expect(chosen.slice(chosen.length - latest)).toEqual(Array.from({ length: latest }, (_, i) => n - latest + i));
      expect(chosen[0]).toBeLessThan(10);
    }
  });

  it("keeps the best of every fidelity", () => {
    const chosen = new Set(of(12_000));
    for (let level = 0; level < 3; level++) {
      const best = observations
        .map(({ value }, index) => ({ value, index }))
        .filter(({ index }) => index < 12_000 - (12_000 % 256) && index % 3 === level)
        .sort((a, b) => a.value - b.value);
      for (const { index } of best.slice(0, 300)) expect(chosen).toContain(index);
    }
  });

  it("only grows within a block, over which the model's hyperparameters stay", () => {
    const begin = 7 * 1024;
    const first = of(begin);
    for (let more = 1; more < 256; more += 51) {
      const later = of(begin + more);
      expect(later.slice(0, first.length)).toEqual(first);
      expect(inferenceSize(later.length)).toBe(first.length);
    }
  });
});

describe("ofModel", () => {
  it("gives the observations that belong to the indices", () => {
    const request = { space, observations, algorithm: { kind: "entropy-search" }, seed: "1" } as const;
    const { request: reduced, indices } = ofModel(request);
    expect(reduced.observations).toEqual(indices.map((index) => observations[index]));
    expect(ofModel(reduced).request).toBe(reduced);
  });
});

describe("chosenOfEach", () => {
  it("is everything of up to 5,119, and bounded for more", () => {
    expect(chosenOfEach([3, 2])).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    for (const [n, k] of [
      [5_119, 1],
      [5_119, 100],
      [4_900, 300],
      [3_000, 3_000],
      [100, 9_000],
      [2_559, 2_561],
    ] as const) {
      const [few, many] = chosenOfEach([n, k]);
      expect(few.length + many.length).toBeLessThan(5_120);
      expect(few.length + many.length).toBeGreaterThanOrEqual(4_608);
      expect([few.at(-1), many.at(-1)]).toEqual([n - 1, k - 1]);
      expect(few.length).toBeGreaterThanOrEqual(Math.min(n, 2_304));
      expect(many.length).toBeGreaterThanOrEqual(Math.min(k, 2_304));
      for (const chosen of [few, many]) expect(new Set(chosen).size).toBe(chosen.length);
    }
  });

  it("is added to until a block is full", () => {
    const before = chosenOfEach([4_900, 300]);
    const after = chosenOfEach([4_901, 301]);
    expect(after).toEqual([
      [...before[0], 4_900],
      [...before[1], 300],
    ]);
  });
});
