import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { probabilities } from "./probabilities.ts";
import { upperBoundScores } from "./score.ts";

describe("probabilities", () => {
  it("match values computed independently", () => {
    const s = upperBoundScores([2, 0.5, -1, 0.1, 0.2, 0.3, -1, 3, 0, 4, -2, 0], [0, 2, 0, 0]);
    const g = [0.1146012471, 0.3177112371, 0.5565201136, 0.0111674021];
    for (const [i, p] of probabilities(s).entries()) expect(p).toBeCloseTo(g[i], 9);
  });

  it("are uniform if all scores are 0", () => {
    expect([...probabilities([0, 0, 0, 0])]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it("sum to 1 for scores of any size, even where their sum overflows or is subnormal", () => {
    const sums = [
      [1e308, 1e308, 1e308],
      [5e-324, 5e-324],
      [1e-300, 1e-310],
      [1e308, 1],
    ].map((scores) => probabilities(scores).reduce((a, b) => a + b, 0));
    for (const sum of sums) expect(sum).toBeCloseTo(1, 12);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (scores) => {
        const sum = probabilities(scores).reduce((a, b) => a + b, 0);
        return Math.abs(sum - 1) < 1e-9;
      }),
    );
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("refuse a score of %s and name it", (bad) => {
    expect(() => probabilities([1, bad, 2])).toThrow(expect.objectContaining({ field: "scores[1]" }));
  });

  it("refuse no scores", () => {
    expect(() => probabilities([])).toThrow(expect.objectContaining({ field: "scores" }));
  });
});
