import { matrixFromRows } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { type FitInput, handleOf, inferredPart, settleInput } from "./fit-input.ts";

const input: FitInput = {
  dimensions: [{ name: "a", kind: "numeric" }],
  x: matrixFromRows([[0.25], [Number.NaN]]),
  y: Float64Array.of(1, 2),
  cost: Float64Array.of(3, 4),
  inference: "mcmc",
  samples: 10,
  seed: 1,
  inferFrom: 2,
  gaussianProcess: {},
};

describe("handleOf", () => {
  it("is the same for equal inputs, whatever memory they lie in", () => {
    const shifted = new Float64Array([9, 1, 2]).subarray(1);
    expect(handleOf("exact-gp", { ...input, y: shifted, dimensions: [{ name: "a", kind: "numeric" }] })).toBe(
      handleOf("exact-gp", input),
    );
    expect(handleOf("exact-gp", input)).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each<[string, Partial<FitInput>]>([
    ["a value", { y: Float64Array.of(1, 2.5) }],
    ["the cost", { cost: Float64Array.of(3, 5) }],
    ["the seed", { seed: 2 }],
    ["the samples", { samples: 11 }],
    ["the inference", { inference: "map" }],
    ["a column", { dimensions: [{ name: "a", kind: "numeric", levels: 3 }] }],
    ["what is inferred from", { inferFrom: 1 }],
    ["what the Gaussian process assumes", { gaussianProcess: { fidelityNoise: true } }],
  ])("changes with %s", (_, change) => {
    expect(handleOf("exact-gp", { ...input, ...change })).not.toBe(handleOf("exact-gp", input));
  });
});

describe("settleInput", () => {
  it("infers from all where the others cannot be added, or are too many", () => {
    const asked = { ...input, inferFrom: 1 };
    expect(settleInput("exact-gp", asked).inferFrom).toBe(1);
    expect(settleInput("random-forest", asked).inferFrom).toBe(2);
    const many = (n: number) => ({ ...asked, y: new Float64Array(n) });
    expect(settleInput("exact-gp", many(2001)).inferFrom).toBe(1);
    expect(settleInput("exact-gp", many(2002)).inferFrom).toBe(2002);
  });
});

describe("inferredPart", () => {
  it("is what a request for the first observations alone is", () => {
    const first = {
      ...input,
      x: matrixFromRows([[0.25]]),
      y: Float64Array.of(1),
      cost: Float64Array.of(3),
      inferFrom: 1,
    };
    const part = inferredPart({ ...input, inferFrom: 1 });
    expect(part).toEqual(first);
    expect(handleOf("exact-gp", part)).toBe(handleOf("exact-gp", first));
    expect(part.y.buffer.byteLength).toBe(8);
  });
});
