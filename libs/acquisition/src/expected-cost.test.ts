import { createMatrix, type JointGaussian } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { expectedCost, logNormalCost } from "./expected-cost.ts";

function logCost(mean: number[], variance: number[], noise: number[] = mean.map(() => 0)): JointGaussian {
  return {
    anchorMean: new Float64Array(0),
    anchorCovariance: createMatrix(0, 0),
    anchorNoise: new Float64Array(0),
    mean: Float64Array.from(mean),
    variance: Float64Array.from(variance),
    noise: Float64Array.from(noise),
    cross: createMatrix(0, mean.length),
  };
}

describe("expected cost", () => {
  it("is the mean or the median of a log-normal", () => {
    expect(logNormalCost(0.7, 0.2)).toBeCloseTo(2.2255409285, 10);
    expect(logNormalCost(0.7, 0.2, "median")).toBeCloseTo(2.0137527075, 10);
    const posterior = logCost([0.7], [0.15], [0.05]);
    expect(expectedCost([posterior]).cost[0]).toBeCloseTo(2.2255409285, 10);
    expect(expectedCost([posterior], { estimate: "median" }).cost[0]).toBeCloseTo(2.0137527075, 10);
  });

  it("is finite where the model does not know the cost at all, so that a trial can find it out", () => {
    expect(logNormalCost(0.7, 100)).toBeCloseTo(Math.exp(1.2), 10);
    expect(expectedCost([logCost([0], [400])]).inverse[0]).toBeGreaterThan(0.5);
  });

  it("halves the inverse when every cost doubles, unless there is overhead", () => {
    const posterior = logCost([0.1, 1.4], [0.3, 0.02]);
    const doubled = logCost([0.1 + Math.LN2, 1.4 + Math.LN2], [0.3, 0.02]);
    const one = expectedCost([posterior]).inverse;
    const other = expectedCost([doubled]).inverse;
    for (let q = 0; q < 2; q++) expect(other[q] / one[q]).toBeCloseTo(0.5, 12);
    const slow = [posterior, doubled].map((each) => expectedCost([each], { overhead: 5 }).inverse[0]);
    expect(slow[1] / slow[0]).toBeGreaterThan(0.7);
  });

  it("averages cost and inverse over hyperparameter samples", () => {
    const { cost, inverse } = expectedCost([logCost([0], [0]), logCost([Math.log(3)], [0])], { overhead: 1 });
    expect(cost[0]).toBeCloseTo(2, 12);
    expect(inverse[0]).toBeCloseTo((1 / 2 + 1 / 4) / 2, 12);
  });
});
