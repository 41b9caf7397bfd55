import { createMatrix, type JointGaussian, matrixFromRows } from "@superbatch/linalg";
import { createRng, normalCdf } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { normalBaseSamples } from "./base-samples.ts";
import { createExpectedImprovement, logExpectedImprovement } from "./expected-improvement.ts";

describe("logExpectedImprovement", () => {
  it("is the logarithm of the closed form", () => {
    for (const z of [-4.9, -2, 0, 0.5, 3]) {
      const direct = z * normalCdf(z) + Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      expect(logExpectedImprovement(1, 2, 1 + 2 * z)).toBeCloseTo(Math.log(2 * direct), 9);
    }
  });

  // 40 digits by mpmath: log(φ(z) + z Φ(z)).
  it.each([
    [-5, -16.74430116266099],
    [-10, -55.55312203612236],
    [-30, -457.724653760598],
    [-200, -20011.51564825974],
  ])("is accurate far from improvement, z = %d", (z, expected) => {
    expect(Math.abs(logExpectedImprovement(0, 1, z) / expected - 1)).toBeLessThan(1e-9);
  });

  it("joins its two branches", () => {
    const below = logExpectedImprovement(0, 1, -5 - 1e-9);
    expect(Math.abs(below - logExpectedImprovement(0, 1, -5 + 1e-9))).toBeLessThan(1e-7);
  });

  it("is the certain improvement without uncertainty", () => {
    expect(logExpectedImprovement(1, 0, 3)).toBe(Math.log(2));
    expect(logExpectedImprovement(3, 0, 1)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("createExpectedImprovement", () => {
  const posterior: JointGaussian = {
    anchorMean: Float64Array.of(0.5, 0.8),
    anchorCovariance: matrixFromRows([
      [1e-10, 0],
      [0, 1e-10],
    ]),
    anchorNoise: Float64Array.of(0, 0),
    mean: Float64Array.of(0.2, 0.9, 0.6),
    variance: Float64Array.of(0.09, 0.25, 0),
    noise: Float64Array.of(1, 1, 1),
    cross: createMatrix(2, 3),
  };
  const base = normalBaseSamples(2, 256, createRng(1));

  it("is the closed form where the best value is known, whatever the noise of a new observation", () => {
    const gain = createExpectedImprovement([posterior], base).gain(posterior, 0);
    expect(gain[0]).toBeCloseTo(Math.exp(logExpectedImprovement(0.2, 0.3, 0.5)), 4);
    expect(gain[1]).toBeCloseTo(Math.exp(logExpectedImprovement(0.9, 0.5, 0.5)), 4);
    expect(gain[2]).toBe(0);
  });

  it("compares correlated values: a twin of the incumbent cannot improve on it", () => {
    const covariance = matrixFromRows([
      [0.3, 0],
      [0, 1e-10],
    ]);
    const twin: JointGaussian = {
      ...posterior,
      anchorMean: Float64Array.of(0.5, 3),
      anchorCovariance: covariance,
      mean: Float64Array.of(0.5, 0.5, 0.5),
      variance: Float64Array.of(0.3, 0.3, 0.3),
      cross: matrixFromRows([
        [0.3, 0.15, 0],
        [0, 0, 0],
      ]),
    };
    const [same, half, independent] = createExpectedImprovement([twin], base).gain(twin, 0);
    expect(same).toBeLessThan(1e-4);
    expect(half).toBeGreaterThan(0.1);
    expect(independent).toBeGreaterThan(half);
    // E[max(0, f₀ − f)] for independent N(0.5, 0.3): sd of the difference √0.6.
    expect(independent).toBeCloseTo(Math.sqrt(0.6 / (2 * Math.PI)), 2);
  });
});
