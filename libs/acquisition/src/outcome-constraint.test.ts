import { createMatrix, type JointGaussian } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { createOutcomeConstraint } from "./outcome-constraint.ts";

const posterior = (mean: number, variance: number): JointGaussian => ({
  anchorMean: new Float64Array(0),
  anchorCovariance: createMatrix(0, 0),
  anchorNoise: new Float64Array(0),
  mean: Float64Array.of(mean),
  variance: Float64Array.of(variance),
  noise: Float64Array.of(0.1),
  cross: createMatrix(0, 1),
});
const probability = async (posteriors: JointGaussian[], bounds: { min?: number; max?: number }) =>
  (await createOutcomeConstraint(async () => posteriors, bounds)(createMatrix(1, 1)))[0];

describe("createOutcomeConstraint", () => {
  it("is the normal probability of the bounds, averaged over samples", async () => {
    expect(await probability([posterior(0, 4)], { max: 2 })).toBeCloseTo(0.8413447461, 9);
    expect(await probability([posterior(0, 4)], { min: -2, max: 2 })).toBeCloseTo(0.6826894921, 9);
    expect(await probability([posterior(0, 1), posterior(1, 1)], { max: 0 })).toBeCloseTo((0.5 + 0.1586552539) / 2, 9);
    expect(await probability([posterior(7, 1)], {})).toBe(1);
  });

  it("is certain without uncertainty", async () => {
    expect(await probability([posterior(1, 0)], { max: 1 })).toBe(1);
    expect(await probability([posterior(1.1, 0)], { max: 1 })).toBe(0);
  });
});
