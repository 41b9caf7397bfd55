import { describe, expect, it } from "vitest";
import { probabilities } from "./probabilities.ts";
import { upperBoundScores } from "./score.ts";
import { boundWeights, effectiveSampleSize, importanceWeights } from "./weights.ts";

describe("importance weights", () => {
  const g = probabilities(upperBoundScores([2, 0.5, -1, 0.1, 0.2, 0.3, -1, 3, 0, 4, -2, 0], [0, 2, 0, 0]));
  const w = importanceWeights(g, [0, 1, 2, 3]);

  it("match values computed independently, and Σ g w = 1", () => {
    const expected = [2.1814771326, 0.7868780539, 0.4492200621, 22.3865852677];
    for (const [i, weight] of w.entries()) expect(weight).toBeCloseTo(expected[i], 8);
    expect(w.reduce((sum, weight, i) => sum + g[i] * weight, 0)).toBeCloseTo(1, 12);
  });

  it("make the weighted mean's expectation the plain mean", () => {
    const x = [3, -1, 4, 1.5];
    const expectation = x.reduce((sum, value, i) => sum + g[i] * w[i] * value, 0);
    expect(expectation).toBeCloseTo((3 - 1 + 4 + 1.5) / 4, 12);
  });

  it("are cut at a bound, which says so", () => {
    const bounded = Float64Array.from(w);
    expect(boundWeights(bounded, 5)).toBe(true);
    expect([...bounded]).toEqual([w[0], w[1], w[2], 5]);
    expect(boundWeights(bounded, 5)).toBe(false);
  });

  it("have an effective sample size from 1 to their number", () => {
    expect(effectiveSampleSize([2, 2, 2])).toBeCloseTo(3, 12);
    expect(effectiveSampleSize([1e9, 1, 1])).toBeCloseTo(1, 6);
    expect(effectiveSampleSize([])).toBe(0);
  });
});
