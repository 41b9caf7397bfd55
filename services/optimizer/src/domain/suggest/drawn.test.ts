import type { SearchSpace } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import type { AlgorithmSpec } from "./algorithm-spec.ts";
import { createSuggestionEngine } from "./create-engine.ts";
import { createBrokenSurrogate } from "./testing/local-surrogate.ts";
import { space } from "./testing/problem.ts";

const engine = createSuggestionEngine({ surrogate: createBrokenSurrogate() });
const { signal } = new AbortController();
const small: SearchSpace = {
  parameters: [
    { name: "a", domain: { kind: "boolean" } },
    { name: "b", domain: { kind: "categorical", categories: ["p", "q", "r"] } },
  ],
  constraints: [],
};

function draw(space: SearchSpace, algorithm: AlgorithmSpec, count: number, sequence = 0) {
  const request = { space, algorithm, seed: "1", observations: [], infeasible: [], pending: [] };
  return engine.suggest({ ...request, sequence, count }, signal);
}

describe.each(["random", "sobol"] as const)("%s", (kind) => {
  it("does not depend on how many were asked for at once", async () => {
    const whole = await draw(space, { kind }, 6);
    expect([...(await draw(space, { kind }, 4)), ...(await draw(space, { kind }, 2, 4))]).toEqual(whole);
  });

  it("holds fidelities at the largest value, or where it is told, within the domain", async () => {
    expect((await draw(space, { kind }, 1))[0]!.point.super_batch).toBe(50_000);
    expect((await draw(space, { kind, fidelities: { super_batch: 512 } }, 1))[0]!.point.super_batch).toBe(512);
    expect((await draw(space, { kind, fidelities: { super_batch: 1 } }, 1))[0]!.point.super_batch).toBe(128);
  });

  it("suggests each point of a small space once, then nothing", async () => {
    const suggestions = await draw(small, { kind }, 8);
    expect(new Set(suggestions.map(({ point }) => JSON.stringify(point))).size).toBe(6);
    expect(suggestions.map(({ replicate }) => replicate)).toEqual(Array(6).fill(false));
  });

  it("finds the last point of a space in which draws hardly find it", async () => {
    const domain = { kind: "integer", min: 1, max: 5_000, scale: "linear" } as const;
    const large: SearchSpace = { parameters: [{ name: "n", domain }], constraints: [] };
    const observations = Array.from({ length: 4_999 }, (_, i) => ({ point: { n: i + 2 }, value: i, cost: 1 }));
    const request = { space: large, algorithm: { kind }, seed: "1", observations, infeasible: [], pending: [] };
    const found = await engine.suggest({ ...request, sequence: 4_999, count: 2 }, signal);
    expect(found).toEqual([{ point: { n: 1 }, origin: "random", replicate: false }]);
  });
});
