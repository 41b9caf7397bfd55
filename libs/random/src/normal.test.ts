import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fastNormalQuantile, normalCdf, normalQuantile } from "./normal.ts";

describe("normalQuantile", () => {
  // Computed with 40 digits by mpmath at the float64 value of p.
  it.each([
    [1e-300, -37.0470962993612],
    [1e-100, -21.273453560965326],
    [1e-10, -6.361340902404057],
    [1e-5, -4.264890793922825],
    [0.001, -3.0902323061678136],
    [0.02, -2.053748910631823],
    [0.02425, -1.972961051311885],
    [0.1, -1.2815515655446004],
    [0.3, -0.5244005127080408],
    [0.7, 0.5244005127080407],
    [0.975, 1.9599639845400538],
    [0.99999, 4.264890793923841],
    [1 - 1e-10, 6.361340889697422],
  ])("of %d", (p, expected) => {
    expect(Math.abs(normalQuantile(p) / expected - 1)).toBeLessThan(1e-13);
  });

  it("is 0 at one half, infinite at the ends, and nothing outside", () => {
    expect(Math.abs(normalQuantile(0.5))).toBeLessThan(1e-15);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    for (const p of [-0.1, 1.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
  });

  it("inverts the distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 5, noNaN: true }), (x) => {
        expect(Math.abs(normalQuantile(normalCdf(x)) - x)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe("normalCdf", () => {
  it.each([
    [-37, 5.725571222524577e-300],
    [-20, 2.7536241186062337e-89],
    [-8, 6.220960574271784e-16],
    [-5, 2.866515718791939e-7],
    [-1, 0.15865525393145705],
    [-0.1, 0.460172162722971],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [3, 0.9986501019683699],
  ])("of %d", (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-13);
  });
});

describe("fastNormalQuantile", () => {
  it("is within 1.2e-9 of the quantile, relatively", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1 - 1e-12, noNaN: true }), (p) => {
        fc.pre(p !== 0.5);
        expect(Math.abs(fastNormalQuantile(p) / normalQuantile(p) - 1)).toBeLessThan(1.2e-9);
      }),
    );
    expect(fastNormalQuantile(0.5)).toBeCloseTo(0, 12);
    expect(fastNormalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(fastNormalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(() => fastNormalQuantile(Number.NaN)).toThrow(RangeError);
  });
});
