import { matrixFromRows } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { createModel } from "./gp-model.ts";
import { hyperparameterLayout } from "./hyperparameters.ts";
import { inputLayout, toInputs } from "./inputs.ts";
import { createLikelihood } from "./likelihood.ts";
import { standardization, standardize } from "./standardization.ts";

const rows = Array.from({ length: 24 }, (_, i) => [(i % 3) / 4]);
const y = Float64Array.from(rows, ([a]) => 50 + 10 * a!);

/** A model of each point eight times, under given hyperparameters: amplitude 1, no mean. */
function modelOf(lengthScale: number, noise: number) {
  const inputs = inputLayout([{ name: "a", kind: "numeric" }]);
  const layout = hyperparameterLayout(inputs, { output: "objective", inference: "map" }, undefined);
  const x = toInputs(inputs, matrixFromRows(rows), "x");
  const units = standardization(y);
  const theta = Float64Array.of(Math.log(lengthScale), 0, Math.log(noise), 0);
  const likelihood = createLikelihood(layout, x, standardize(units, y));
  const model = createModel({
    layout,
    observations: y.length,
    approximation: { kind: "exact" },
    x,
    y,
    units,
    states: [{ theta, logDensity: 0 }],
    grams: [likelihood.gram(theta)],
  });
  return { model, likelihood, theta, unit: units.scale ** 2 };
}

describe("a covariance matrix that is singular in float64", () => {
  it.each([
    ["repeated points without noise", 0.5, 1e-20],
    ["a length scale far beyond the space", 1e6, 1e-20],
  ])("gets the jitter that it needs, and says so in y's unit: %s", (_, lengthScale, noise) => {
    const { model, likelihood, theta, unit } = modelOf(lengthScale, noise);
    // The largest diagonal element is 1: the first jitter that is tried is 1e-12, each next one ten times as large.
    expect(model.jitter / unit).toBeGreaterThanOrEqual(1e-12 * (1 - 1e-9));
    expect(model.jitter / unit).toBeLessThan(1e-8);
    expect(Number.isFinite(likelihood.logPosterior(theta))).toBe(true);
    const points = matrixFromRows([[0.25], [0.3]]);
    const [joint] = model.posterior(points, points);
    for (const values of [joint!.mean, joint!.variance, joint!.anchorCovariance.data]) {
      expect(values.every(Number.isFinite)).toBe(true);
    }
    expect(joint!.mean[0]).toBeCloseTo(52.5, 3);
    expect(model.leaveOneOut().logDensity.every(Number.isFinite)).toBe(true);
  });

  it("keeps the jitter for what is appended, and adds to it where that needs more", () => {
    const { model, unit } = modelOf(0.5, 1e-20);
    const more = model.append(matrixFromRows([[0.25]]), Float64Array.of(52.5));
    expect(more.jitter).toBeGreaterThanOrEqual(model.jitter);
    // Not singular as it was, but one more observation of a known place adds next to nothing.
    const little = modelOf(0.5, 1e-14);
    expect(little.model.jitter).toBe(0);
    const added = little.model.append(matrixFromRows([[0.25]]), Float64Array.of(52.5));
    expect(added.jitter / unit).toBeGreaterThan(1e-13);
  });

  it("is none where there is noise", () => {
    expect(modelOf(0.5, 1e-4).model.jitter).toBe(0);
  });
});
