import type { SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { createSuggestionEngine } from "./create-engine.ts";
import type { Observation } from "./engine.ts";
import { rungFidelity, rungsOf } from "./rungs.ts";
import { createBrokenSurrogate } from "./testing/local-surrogate.ts";
import { runStudy, space } from "./testing/problem.ts";

const engine = createSuggestionEngine({ surrogate: createBrokenSurrogate() });
const { signal } = new AbortController();
const algorithm = { kind: "asha", reductionFactor: 4 } as const;
const rungs = [195, 781, 3125, 12_500, 50_000];

function observed(count: number, superBatch: number): Observation[] {
  return Array.from({ length: count }, (_, i) => ({
    point: { x: i / 10, y: 0.5, super_batch: superBatch },
    value: (i - 2.1) ** 2,
    cost: 1,
  }));
}

async function next(observations: readonly Observation[], pending: Observation["point"][] = []) {
  const request = { space, algorithm, seed: "1", sequence: observations.length, observations, infeasible: [], pending };
  return (await engine.suggest({ ...request, count: 1 }, signal))[0]!;
}

describe("rungsOf", () => {
  it("divides the largest value down to the smallest", () => {
    expect(rungsOf(rungFidelity(space, "super_batch")!, 4)).toEqual(rungs);
  });
});

describe("asynchronous successive halving", () => {
  it("starts random configurations at the lowest rung", async () => {
    expect(await next(observed(3, 195))).toMatchObject({ origin: "random", point: { super_batch: 195 } });
  });

  it("raises the best of four by one rung, once", async () => {
    const rung = observed(4, 195);
    const promoted = await next(rung);
    expect(promoted).toEqual({ origin: "promotion", point: { x: 0.2, y: 0.5, super_batch: 781 }, replicate: false });
    expect((await next(rung, [promoted.point])).origin).toBe("random");
    expect((await next([...rung, { point: promoted.point, value: 0, cost: 4 }])).origin).toBe("random");
  });

  it("starts each configuration of a small space once, then raises what is left, then ends", async () => {
    const { parameters } = space;
    const small: SearchSpace = {
      parameters: [{ name: "flag", domain: { kind: "boolean" } }, parameters[2]!],
      constraints: [],
    };
    const observations: Observation[] = [];
    for (;;) {
      const request = { space: small, algorithm, seed: "1", observations, infeasible: [], pending: [], count: 1 };
      const [suggestion] = await engine.suggest({ ...request, sequence: observations.length }, signal);
      if (!suggestion) break;
      expect(suggestion.replicate).toBe(false);
      observations.push({ point: suggestion.point, value: suggestion.point.flag ? 1 : 0, cost: 1 });
    }
    expect(observations.slice(0, 2).map(({ point }) => point.super_batch)).toEqual([195, 195]);
    expect(new Set(observations.map(({ point }) => JSON.stringify(point))).size).toBe(observations.length);
    expect(observations).toHaveLength(2 * rungs.length);
  });

  it("looks at high rungs first", async () => {
    expect((await next([...observed(8, 195), ...observed(4, 3125)])).point).toEqual({
      x: 0.2,
      y: 0.5,
      super_batch: 12_500,
    });
  });

  it("reaches the top with a small share of the trials", async () => {
    const { observations } = await runStudy(engine, algorithm, "1", { trials: 120 });
    const counts = rungs.map((rung) => observations.filter(({ point }) => point.super_batch === rung).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(120);
    // Asynchronously more than one in four moves up: who was among the best of few may not be among the best of many.
    for (let k = 1; k < 4; k++) {
      expect(counts[k]).toBeGreaterThanOrEqual(Math.floor(counts[k - 1]! / 4));
      expect(counts[k]).toBeLessThan(counts[k - 1]! / 2);
    }
  });
});
