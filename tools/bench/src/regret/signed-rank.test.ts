import { describe, expect, it } from "vitest";
import { signedRankTest } from "./signed-rank.ts";

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
