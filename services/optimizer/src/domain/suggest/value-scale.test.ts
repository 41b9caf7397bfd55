import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createValueScale } from "./value-scale.ts";

describe("createValueScale", () => {
  it("leaves values alone without a transform", () => {
    const scale = createValueScale("none");
    expect([scale.toModel(-3), scale.fromModel(-3), scale.spreadFromModel(1, 2)]).toEqual([-3, -3, 2]);
  });

  it("takes logarithms of values of at least 1e-6", () => {
    const scale = createValueScale("log");
    expect([0.05, 0, -1].map(scale.toModel)).toEqual([Math.log(0.05), Math.log(1e-6), Math.log(1e-6)]);
  });

  it("brings back the median, and the spread of a narrow distribution", () => {
    const { fromModel, spreadFromModel } = createValueScale("log");
    const rng = createRng(3);
    const draws = Array.from({ length: 20_001 }, () => Math.exp(-2 + 0.05 * rng.normal())).sort((a, b) => a - b);
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
    expect(draws[10_000]! / fromModel(-2)).toBeCloseTo(1, 2);
    expect(spread / spreadFromModel(-2, 0.05)).toBeCloseTo(1, 1);
    expect(fromModel(-2)).toBe(Math.exp(-2));
  });
});
