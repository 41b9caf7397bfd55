import { describe, expect, it } from "vitest";
import { logMean } from "./log-mean.ts";

describe("logMean", () => {
  it("is the logarithm of the mean", () => {
    expect(logMean([Math.log(1), Math.log(2), Math.log(6)])).toBeCloseTo(Math.log(3), 14);
    expect(logMean(Float64Array.of(-3))).toBe(-3);
  });

  it("neither underflows nor overflows", () => {
    expect(logMean([-5000, -5000, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBeCloseTo(
      -5000 - Math.LN2,
      12,
    );
    expect(logMean([5000, 5000])).toBe(5000);
  });

  it("is −∞ where all values are", () => {
    expect(logMean([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
  });
});
