import { describe, expect, it } from "vitest";
import { holm, signedRankShift, signedRankTest } from "./signed-rank.ts";

describe("the signed-rank test", () => {
  it("agrees with scipy.stats.wilcoxon, exact and two-sided", () => {
    const a = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
    const b = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    expect(signedRankTest(a, b)).toBeCloseTo(0.0390625, 12);
    expect(signedRankTest(b, a)).toBeCloseTo(0.0390625, 12);
  });

  it("leaves equal pairs away and shares the ranks of ties", () => {
    expect(signedRankTest([1, 2, 3], [1, 2, 3])).toBe(1);
    // Five differences of one sign: 2 of 32 outcomes are as extreme, tied or not.
    expect(signedRankTest([1, 1, 2, 2, 3, 7], [0, 0, 1, 1, 2, 7])).toBeCloseTo(2 / 32, 12);
    expect(signedRankTest([1, 2, 4, 8, 16], [0, 0, 0, 0, 0])).toBeCloseTo(2 / 32, 12);
  });
});

describe("the shift of differences", () => {
  const differences = [0.952, -0.147, 1.022, 0.43, 0.62, 0.59, 0.49, -0.08, 0.01];

  it("has R's wilcox.test's estimate and interval", () => {
    const { estimate, interval } = signedRankShift(differences);
    // The sums of ranks up to 5 have a probability of 10 / 512, those up to 6 of 14 / 512: five means are cut off at each end, and the sixth bounds.
    const means = differences.flatMap((a, i) => differences.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b);
    expect(estimate).toBeCloseTo(means[22]!, 12);
    expect(interval).toEqual([means[5], means[39]]);
  });

  it("leaves out exactly the centers that the test refuses", () => {
    const { interval } = signedRankShift(differences);
    const p = (center: number) =>
      signedRankTest(
        differences.map((value) => value - center),
        differences.map(() => 0),
      );
    for (const bound of interval) {
      const outwards = bound === interval[0] ? -1 : 1;
      expect(p(bound + outwards * 1e-9)).toBeLessThanOrEqual(0.05);
      expect(p(bound - outwards * 1e-9)).toBeGreaterThan(0.05);
    }
  });

  it("is unbounded where too few differences can be rare", () => {
    expect(signedRankShift([1, 2, 3, 4, 5]).interval).toEqual([-Infinity, Infinity]);
    expect(signedRankShift([1, 2, 3, 4, 5, 6]).interval).toEqual([1, 6]);
    expect(() => signedRankShift([])).toThrow(RangeError);
  });
});

it("Holm's correction is that of R's p.adjust", () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02].map((p) => expect.closeTo(p, 12)));
  expect(holm([0.6, 0.7])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});
