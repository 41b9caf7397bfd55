import { cholesky, createMatrix, type Matrix, matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { fitNeuralLinear } from "./neural-linear.ts";
import { fitRegression } from "./regression.ts";

const numeric: Dimension[] = [
  { name: "a", kind: "numeric" },
  { name: "b", kind: "numeric" },
];

function uniform(n: number, seed = 1): Matrix {
  const rng = createRng(seed);
  return createMatrix(
    n,
    2,
    Float64Array.from({ length: 2 * n }, () => rng.uniform()),
  );
}

const valuesAt = ({ rows, data }: Matrix, f: (a: number, b: number) => number) =>
  Float64Array.from({ length: rows }, (_, i) => f(data[2 * i]!, data[2 * i + 1]!));
const nothing = createMatrix(0, 2);

describe("Bayesian linear regression on neural features", () => {
  it("predicts a smooth function", () => {
    const f = (a: number, b: number) => 100 + 10 * Math.sin(5 * a) * b;
    const x = uniform(80);
    const test = uniform(200, 9);
    const samples = fitNeuralLinear({ dimensions: numeric, x, y: valuesAt(x, f) }, {}, createRng(1)).posterior(
      nothing,
      test,
    );
    expect(samples).toHaveLength(5);
    const truth = valuesAt(test, f);
    const errors = truth.map((value, i) => samples.reduce((sum, { mean }) => sum + mean[i]! / 5, 0) - value);
    // The function's standard deviation is 4.
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / 200)).toBeLessThan(0.8);
  });

  it("has a positive semidefinite covariance, and says the same jointly and marginally", () => {
    const x = uniform(20);
    const y = valuesAt(x, (a, b) => a - b);
    const places = uniform(12, 3);
    for (const sample of fitNeuralLinear(
      { dimensions: numeric, x, y },
      { members: 2, steps: 50 },
      createRng(1),
    ).posterior(places, places)) {
      const { anchorCovariance, anchorMean, mean, variance, cross } = sample;
      const scale = Math.max(...variance);
      expect(cholesky(anchorCovariance).jitter).toBeLessThanOrEqual(1e-8 * scale);
      for (let i = 0; i < 12; i++) {
        expect(anchorMean[i]).toBeCloseTo(mean[i]!, 9);
        expect(anchorCovariance.data[i * 13]! / scale).toBeCloseTo(variance[i]! / scale, 9);
      }
      cross.data.forEach((value, i) => {
        expect(value / scale).toBeCloseTo(anchorCovariance.data[i]! / scale, 9);
      });
    }
  });

  it("finds the noise of data that its features explain", () => {
    const rng = createRng(4);
    const features = matrixFromRows(Array.from({ length: 400 }, () => [rng.normal(), rng.normal(), 1]));
    const y = Float64Array.from(
      { length: 400 },
      (_, i) => features.data[3 * i]! - 2 * features.data[3 * i + 1]! + 0.3 * rng.normal(),
    );
    const { noise, weights } = fitRegression(features, y);
    expect(noise).toBeGreaterThan(0.075);
    expect(noise).toBeLessThan(0.105);
    expect(weights[0]).toBeCloseTo(1, 1);
    expect(weights[1]).toBeCloseTo(-2, 1);
  });

  it("is a function of its seed, bears no observations, and stops where it is told to", () => {
    const x = uniform(10);
    const y = valuesAt(x, (a) => a);
    const at = (seed: number) =>
      fitNeuralLinear({ dimensions: numeric, x, y }, { members: 1, steps: 20 }, createRng(seed)).posterior(
        nothing,
        x,
      )[0]!.mean;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
    const [prior] = fitNeuralLinear(
      { dimensions: numeric, x: nothing, y: new Float64Array(0) },
      { members: 1 },
      createRng(1),
    ).posterior(nothing, x);
    expect([...prior!.mean]).toEqual(Array(10).fill(0));
    expect(prior!.variance.every((value) => value > 0)).toBe(true);
    const checkpoint = () => {
      throw new Error("enough");
    };
    expect(() => fitNeuralLinear({ dimensions: numeric, x, y }, { checkpoint }, createRng(1))).toThrow("enough");
  });
});
