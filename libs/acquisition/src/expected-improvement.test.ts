import { cholesky, createMatrix, type JointGaussian, matrixFromRows } from "@superbatch/linalg";
import { createRng, normalCdf } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { averageGains } from "./acquisition-function.ts";
import { normalBaseSamples } from "./base-samples.ts";
import { createExpectedImprovement, logExpectedImprovement } from "./expected-improvement.ts";
import { type ExactGp, exactGpPosterior } from "./testing/exact-gp.ts";

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
    [-6.5, -25.85342420977789],
    [-10, -55.55312203612236],
    [-30, -457.724653760598],
    [-200, -20011.51564825974],
    [-3e8, -4.5e16],
  ])("is accurate far from improvement, z = %d", (z, expected) => {
    expect(Math.abs(logExpectedImprovement(0, 1, z) / expected - 1)).toBeLessThan(1e-14);
  });

  it("joins its two branches", () => {
    const below = logExpectedImprovement(0, 1, -5 - 1e-9);
    expect(Math.abs(below - logExpectedImprovement(0, 1, -5 + 1e-9))).toBeLessThan(1e-7);
  });

  it("is never NaN, however far from improvement", () => {
    for (const sd of [1e-3, 1e-160, 5e-324]) expect(logExpectedImprovement(1, sd, 0)).toBeLessThan(-1e5);
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
    const log = createExpectedImprovement([posterior], base).logGain(posterior, 0);
    expect(log[0]).toBeCloseTo(logExpectedImprovement(0.2, 0.3, 0.5), 3);
    expect(log[1]).toBeCloseTo(logExpectedImprovement(0.9, 0.5, 0.5), 3);
    expect(log[2]).toBe(Number.NEGATIVE_INFINITY);
  });

  it("compares correlated values: a twin of an incumbent cannot improve on it", () => {
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
    const [same, half, independent] = createExpectedImprovement([twin], base).logGain(twin, 0).map(Math.exp);
    expect(same).toBeLessThan(1e-4);
    expect(half).toBeGreaterThan(0.1);
    expect(independent).toBeGreaterThan(half);
    // E[max(0, f₀ − f)] for independent N(0.5, 0.3): sd of the difference √0.6.
    expect(independent).toBeCloseTo(Math.sqrt(0.6 / (2 * Math.PI)), 2);
  });

  it("tells candidates apart whose improvement underflows, and averages samples without losing them", async () => {
    const far = {
      ...posterior,
      mean: Float64Array.of(20, 30, 40),
      variance: new Float64Array(3).fill(0.09),
    };
    const acquisition = createExpectedImprovement([far, far], base);
    const { gain, logGain } = await averageGains(acquisition, [far, far]);
    expect(Array.from(gain)).toEqual([0, 0, 0]);
    for (let q = 0; q < 3; q++) {
      expect(logGain[q] / logExpectedImprovement(far.mean[q], 0.3, 0.5)).toBeCloseTo(1, 3);
    }
  });

  it.each([0, 0.02, 0.3])("agrees with brute-force Monte Carlo over evaluated points, noise %d", (noise) => {
    const x = [0.05, 0.2, 0.4, 0.6, 0.75, 0.95];
    const evaluated = matrixFromRows(x.map((each) => [each]));
    const y = Float64Array.from(x, (each) => 4 * (each - 0.3) ** 2);
    const gp: ExactGp = { x: evaluated, y, lengthScale: 0.4, variance: 1, noise, mean: 1 };
    const places = [0.15, 0.3, 0.35];
    const joint = exactGpPosterior(gp, evaluated, matrixFromRows(places.map((each) => [each])));
    const found = createExpectedImprovement([joint], normalBaseSamples(6, 4096, createRng(2))).logGain(joint, 0);
    for (let q = 0; q < places.length; q++) {
      // Evaluated points and candidate drawn together, none given the others.
      const rows = matrixFromRows([...x, places[q]].map((each) => [each]));
      const { mean, standardError } = bruteForceImprovement(exactGpPosterior(gp, rows, createMatrix(0, 1)));
      expect(Math.abs(Math.exp(found[q]) - mean)).toBeLessThan(4 * standardError + 0.01 * mean + 1e-6);
    }
  });
});

/** E[max(0, min of all anchors but the last − the last)] by pseudo-random draws. */
function bruteForceImprovement({ anchorMean, anchorCovariance }: JointGaussian) {
  const { factor } = cholesky(anchorCovariance);
  const size = anchorMean.length;
  const rng = createRng("brute force");
  const draws = 20_000;
  let sum = 0;
  let squares = 0;
  const z = new Float64Array(size);
  for (let s = 0; s < draws; s++) {
    let best = Number.POSITIVE_INFINITY;
    let last = 0;
    for (let i = 0; i < size; i++) {
      z[i] = rng.normal();
      last = anchorMean[i];
      for (let k = 0; k <= i; k++) last += factor.data[i * size + k] * z[k];
      if (i < size - 1) best = Math.min(best, last);
    }
    const improvement = Math.max(0, best - last);
    sum += improvement;
    squares += improvement ** 2;
  }
  const mean = sum / draws;
  return { mean, standardError: Math.sqrt((squares / draws - mean ** 2) / draws) };
}
