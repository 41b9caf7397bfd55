import { matrixFromRows } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { extendsInput, type FitInput, handleOf } from "./fit-input.ts";

const input: FitInput = {
  dimensions: [{ name: "a", kind: "numeric" }],
  x: matrixFromRows([[0.25], [Number.NaN]]),
  y: Float64Array.of(1, 2),
  cost: Float64Array.of(3, 4),
  inference: "mcmc",
  samples: 10,
  seed: 1,
  previous: "",
  append: false,
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
    ["the previous model", { previous: "x" }],
    ["whether to append", { append: true }],
  ])("changes with %s", (_, change) => {
    expect(handleOf("exact-gp", { ...input, ...change })).not.toBe(handleOf("exact-gp", input));
  });
});

describe("extendsInput", () => {
  const longer: FitInput = {
    ...input,
    x: matrixFromRows([[0.25], [Number.NaN], [0.5]]),
    y: Float64Array.of(1, 2, 3),
    cost: Float64Array.of(3, 4, 5),
    seed: 99,
  };

  it("holds when the earlier observations come first", () => {
    expect(extendsInput(longer, input)).toBe(true);
    expect(extendsInput(input, input)).toBe(true);
  });

  it.each<[string, FitInput]>([
    ["fewer observations", { ...input, x: matrixFromRows([[0.25]]), y: Float64Array.of(1), cost: Float64Array.of(3) }],
    ["another point", { ...longer, x: matrixFromRows([[0.3], [Number.NaN], [0.5]]) }],
    ["another value", { ...longer, y: Float64Array.of(1, 7, 3) }],
    ["another number of samples", { ...longer, samples: 3 }],
    ["another column", { ...longer, dimensions: [{ name: "b", kind: "numeric" }] }],
  ])("does not hold with %s", (_, later) => {
    expect(extendsInput(later, input)).toBe(false);
  });
});
