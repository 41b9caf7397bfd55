import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createValueScale } from "./value-scale.ts";

describe("createValueScale", () => {
  it("leaves values alone without a transform", () => {
    const scale = createValueScale("none");
    expect([scale.toModel(-3), scale.fromModel(1, 2)]).toEqual([-3, { mean: 1, standardDeviation: 2 }]);
  });

  it("takes logarithms of values of at least 1e-6", () => {
    const scale = createValueScale("log");
    expect([0.05, 0, -1].map(scale.toModel)).toEqual([Math.log(0.05), Math.log(1e-6), Math.log(1e-6)]);
  });

  it("brings back the moments of the log-normal distribution", () => {
    const { mean, standardDeviation } = createValueScale("log").fromModel(-2, 0.3);
    const rng = createRng(3);
    const draws = Array.from({ length: 100_000 }, () => Math.exp(-2 + 0.3 * rng.normal()));
    const drawn = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const spread = Math.sqrt(draws.reduce((sum, x) => sum + (x - drawn) ** 2, 0) / draws.length);
    expect(Math.abs(drawn - mean)).toBeLessThan((4 * spread) / Math.sqrt(draws.length));
    expect(spread / standardDeviation).toBeCloseTo(1, 1);
  });
});
