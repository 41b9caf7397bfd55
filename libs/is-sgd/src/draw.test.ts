import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawPositions } from "./draw.ts";
import { probabilities } from "./probabilities.ts";
import { chiSquareTail } from "./testing/chi-square.ts";

describe("drawing positions", () => {
  it.each([1, 2, 3])("follows the probabilities (chi-square, seed %i)", (seed) => {
    const rng = createRng(seed);
    const g = probabilities(Array.from({ length: 50 }, () => rng.uniform() ** 2));
    const draws = 200_000;
    const counts = new Float64Array(50);
    for (const k of drawPositions(g, draws, rng)) counts[k]++;
    const tail = chiSquareTail(
      counts,
      g.map((p) => p * draws),
    );
    expect(tail).toBeGreaterThan(0.001);
    expect(tail).toBeLessThan(0.999);
  });

  it("never draws a position of probability 0", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1, 5), { minLength: 1, maxLength: 20 }), fc.integer(), (s, seed) => {
        fc.pre(s.some((score) => score > 0));
        return drawPositions(Float64Array.from(s), 50, createRng(seed)).every((k) => s[k] > 0);
      }),
    );
  });

  it("passes over leading and trailing zeros at the extremes of the uniform", () => {
    const at = (u: number) =>
      drawPositions(Float64Array.from([0, 0.5, 0, 0.5, 0]), 1, { ...createRng(0), uniform: () => u })[0];
    expect(at(0)).toBe(1);
    expect(at(0.5)).toBe(3);
    expect(at(1 - 2 ** -53)).toBe(3);
  });

  it("refuses masses that cannot be drawn from", () => {
    expect(() => drawPositions(new Float64Array(3), 1, createRng(0))).toThrow(RangeError);
    expect(() => drawPositions(Float64Array.from([1, Number.NaN]), 1, createRng(0))).toThrow(RangeError);
  });
});
