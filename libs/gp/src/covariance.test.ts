import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { covariance, priorVariance } from "./covariance.ts";
import { hyperparameterLayout } from "./hyperparameters.ts";
import { inputLayout, toInputs } from "./inputs.ts";
import type { KernelName } from "./model.ts";
import { mixedDimensions, mixedPoints, plainCovariance, randomTheta } from "./testing.ts";

const variants: { kernel: KernelName; inputWarping?: boolean }[] = [
  { kernel: "matern52" },
  { kernel: "matern52", inputWarping: true },
  { kernel: "rbf" },
  { kernel: "matern52-product" },
];

describe.each(variants)("covariance (%o)", (variant) => {
  const inputs = inputLayout(mixedDimensions);
  const layout = hyperparameterLayout(inputs, { output: "objective", inference: "map", ...variant }, undefined);
  const rng = createRng(variant.kernel);
  const theta = randomTheta(layout, rng);
  const a = toInputs(inputs, mixedPoints(13, rng), "a");
  const b = toInputs(inputs, mixedPoints(10, rng), "b");

  it("agrees with its definition for every kind of dimension", () => {
    const matrix = covariance(layout, theta, a, b);
    for (let i = 0; i < 13; i++) {
      for (let j = 0; j < 10; j++) {
        const expected = plainCovariance(layout, theta, a, i, b, j);
        expect(Math.abs(matrix.data[i * 10 + j]! / expected - 1)).toBeLessThan(1e-13);
      }
    }
  });

  it("has the prior variance on its diagonal, and is symmetric", () => {
    const matrix = covariance(layout, theta, a, a);
    const variance = priorVariance(layout, theta, a);
    for (let i = 0; i < 13; i++) {
      expect(matrix.data[i * 13 + i]! / variance[i]!).toBeCloseTo(1, 13);
      for (let j = 0; j < i; j++) expect(matrix.data[i * 13 + j]).toBeCloseTo(matrix.data[j * 13 + i]!, 13);
    }
  });

  it("underflows to almost nothing far away, never to NaN", () => {
    const far = theta.map((value, i) => (i < layout.amplitude ? -40 : value));
    const matrix = covariance(layout, far, a, b);
    expect(matrix.data.every((value) => value >= 0 && value < 1e-200)).toBe(true);
  });
});
