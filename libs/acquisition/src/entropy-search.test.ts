import { createMatrix, type JointGaussian, matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { averageGains } from "./acquisition-function.ts";
import { normalBaseSamples } from "./base-samples.ts";
import { createEntropySearch } from "./entropy-search.ts";
import { entropy, thompsonFrequencies } from "./minimizer-distribution.ts";

/** The example of two representers and one candidate whose exact values are known. */
const golden: JointGaussian = {
  anchorMean: Float64Array.of(0.2, 0),
  anchorCovariance: matrixFromRows([
    [0.5, 0.1],
    [0.1, 0.3],
  ]),
  anchorNoise: Float64Array.of(0.05, 0.05),
  mean: Float64Array.of(0.1),
  variance: Float64Array.of(0.4),
  noise: Float64Array.of(0.05),
  cross: matrixFromRows([[0.25], [0.05]]),
};

/** A random joint Gaussian of R anchors and Q candidates, the blocks of A Aᵀ, and A by rows. */
function randomExample(
  seed: number,
  anchors: number,
  candidates: number,
  noise = 0.1,
): { joint: JointGaussian; vectors: number[][] } {
  const rng = createRng(`joint ${seed}`);
  const size = anchors + candidates;
  const a = Array.from({ length: size }, () => Array.from({ length: size }, () => rng.normal() / Math.sqrt(size)));
  const covariance = (i: number, j: number) => a[i].reduce((sum, value, k) => sum + value * a[j][k], 0);
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  const joint = {
    anchorMean: Float64Array.from(range(anchors), () => 0.5 * rng.normal()),
    anchorCovariance: matrixFromRows(range(anchors).map((i) => range(anchors).map((j) => covariance(i, j)))),
    anchorNoise: new Float64Array(anchors).fill(noise),
    mean: Float64Array.from(range(candidates), () => rng.normal()),
    variance: Float64Array.from(range(candidates), (q) => covariance(anchors + q, anchors + q)),
    noise: new Float64Array(candidates).fill(noise),
    cross: matrixFromRows(range(anchors).map((i) => range(candidates).map((q) => covariance(i, anchors + q)))),
  };
  return { joint, vectors: a };
}

function randomJoint(seed: number, anchors: number, candidates: number, noise = 0.1): JointGaussian {
  return randomExample(seed, anchors, candidates, noise).joint;
}

function reductions(joint: JointGaussian, samples = 256, seed = 1, smoothing = 1, nodes = 10): Float64Array {
  const base = normalBaseSamples(joint.anchorMean.length, samples, createRng(seed));
  return createEntropySearch([joint], base, { smoothing, nodes }).gain(joint, 0);
}

describe("thompsonFrequencies", () => {
  it("converges to the exact probabilities of two representers", () => {
    const p = thompsonFrequencies(golden, normalBaseSamples(2, 65536, createRng(1)));
    expect(p[0]).toBeCloseTo(0.3981267074, 3);
    expect(p[1]).toBeCloseTo(0.6018732926, 3);
    expect(entropy(p)).toBeCloseTo(0.6722447975, 3);
  });

  it.each([1, 2, 3])(
    "agrees with brute-force Monte Carlo within its standard error, for 12 representers (example %i)",
    (seed) => {
      // Drawn without a Cholesky factor, of the vectors whose products the covariances are: f = m + A ε.
      const { joint, vectors } = randomExample(seed, 12, 1);
      const rng = createRng(`brute force ${seed}`);
      const draws = 100_000;
      const counts = new Float64Array(12);
      const epsilon = new Float64Array(13);
      for (let s = 0; s < draws; s++) {
        for (let k = 0; k < 13; k++) epsilon[k] = rng.normal();
        const values = Array.from(joint.anchorMean, (mean, r) =>
          vectors[r].reduce((sum, a, k) => sum + a * epsilon[k], mean),
        );
        counts[values.indexOf(Math.min(...values))]++;
      }
      const base = normalBaseSamples(12, 65536, createRng(seed));
      const p = thompsonFrequencies(joint, base);
      for (let r = 0; r < 12; r++) {
        const share = counts[r] / draws;
        // Of 36 comparisons none may be off by more than four standard errors; that of the quasi-random estimate is smaller.
        expect(Math.abs(p[r] - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / draws) + 1e-3);
      }
    },
  );
});

describe("createEntropySearch", () => {
  it.each([1, 2, 3])("converges to the exact reduction of two representers (seed %i)", (seed) => {
    const [reduction] = reductions(golden, 65536, seed, 0, 21);
    expect(Math.abs(reduction / 0.0483231977 - 1)).toBeLessThan(0.003);
  });

  it("comes close to it with the default number of samples", () => {
    const errors = Array.from({ length: 20 }, (_, seed) => reductions(golden, 256, seed)[0] / 0.0483231977 - 1);
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length)).toBeLessThan(0.08);
  });

  it("agrees with brute-force Monte Carlo within its standard error", () => {
    const joint = randomJoint(5, 6, 3, 0.2);
    const found = reductions(joint, 4096, 2, 0, 30);
    for (let q = 0; q < 3; q++) {
      const { mean, standardError } = bruteForceReduction(joint, q);
      expect(Math.abs(found[q] - mean)).toBeLessThan(4 * standardError + 0.002);
      expect(found[q]).toBeGreaterThan(0.01);
    }
  });

  it("is never negative and finite, whatever the posterior", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(0, 1e-12, 0.01, 10),
        fc.constantFrom(1e-6, 1, 1e6),
        (seed, anchors, noise, scale) => {
          const joint = rescale(randomJoint(seed, anchors, 4, noise), scale);
          for (const reduction of reductions(joint, 32, seed)) {
            expect(reduction).toBeGreaterThanOrEqual(0);
            expect(reduction).toBeLessThanOrEqual(Math.log(anchors) + 1e-9);
          }
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it("is exactly 0 for a candidate that is uncorrelated with every representer, or certain", () => {
    const joint = randomJoint(7, 5, 2);
    const silent = { ...joint, cross: createMatrix(5, 2) };
    expect(Array.from(reductions(silent))).toEqual([0, 0]);
    const certain = { ...silent, variance: new Float64Array(2), noise: new Float64Array(2) };
    expect(Array.from(reductions(certain))).toEqual([0, 0]);
  });

  it("does not depend on the order of the representers, up to Monte Carlo error", () => {
    const joint = randomJoint(11, 6, 4, 0.05);
    const order = [3, 5, 0, 1, 4, 2];
    const a = joint.anchorCovariance;
    const reordered: JointGaussian = {
      ...joint,
      anchorMean: Float64Array.from(order, (i) => joint.anchorMean[i]),
      anchorCovariance: matrixFromRows(order.map((i) => order.map((j) => a.data[i * 6 + j]))),
      cross: matrixFromRows(order.map((i) => Array.from(joint.cross.data.subarray(i * 4, i * 4 + 4)))),
    };
    const one = reductions(joint, 8192);
    const other = reductions(reordered, 8192);
    for (let q = 0; q < 4; q++) expect(Math.abs(one[q] / other[q] - 1)).toBeLessThan(0.03);
  });

  it("is unchanged by a shift of the mean and by a change of unit", () => {
    const joint = randomJoint(13, 6, 4);
    const shifted = { ...joint, anchorMean: joint.anchorMean.map((m) => m + 64), mean: joint.mean.map((m) => m + 64) };
    const original = reductions(joint);
    for (const other of [shifted, rescale(joint, 1024)]) {
      const changed = reductions(other);
      for (let q = 0; q < 4; q++) expect(changed[q]).toBeCloseTo(original[q], 9);
    }
  });

  it("decreases as the noise grows", () => {
    for (let seed = 0; seed < 10; seed++) {
      const values = [0, 0.01, 0.1, 0.5, 2, 10].map(
        (noise) => reductions({ ...randomJoint(seed, 6, 1), noise: Float64Array.of(noise) }, 2048, 1, 0)[0],
      );
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThan(values[i - 1]);
    }
  });

  it("averages over hyperparameter samples", async () => {
    const one = randomJoint(1, 5, 3);
    const two = randomJoint(2, 5, 3);
    const base = normalBaseSamples(5, 256, createRng(1));
    const { gain: both } = await averageGains(createEntropySearch([one, two], base), [one, two]);
    const first = createEntropySearch([one], base).gain(one, 0);
    const second = createEntropySearch([two], base).gain(two, 0);
    for (let q = 0; q < 3; q++) expect(both[q]).toBeCloseTo((first[q] + second[q]) / 2, 12);
  });
});

/** Values times `scale`, (co)variances times its square. */
function rescale(joint: JointGaussian, scale: number): JointGaussian {
  const values = (a: Float64Array) => a.map((value) => value * scale);
  const squares = (a: Float64Array) => a.map((value) => value * scale * scale);
  return {
    anchorMean: values(joint.anchorMean),
    anchorCovariance: { ...joint.anchorCovariance, data: squares(joint.anchorCovariance.data) },
    anchorNoise: squares(joint.anchorNoise),
    mean: values(joint.mean),
    variance: squares(joint.variance),
    noise: squares(joint.noise),
    cross: { ...joint.cross, data: squares(joint.cross.data) },
  };
}

/** H[p] − E_y H[p | y] with fresh outcomes, fresh samples, and the textbook update of mean and covariance for each outcome. */
function bruteForceReduction(joint: JointGaussian, q: number): { mean: number; standardError: number } {
  const anchors = joint.anchorMean.length;
  const candidates = joint.mean.length;
  const total = joint.variance[q] + joint.noise[q];
  const c = Array.from({ length: anchors }, (_, r) => joint.cross.data[r * candidates + q]);
  const after = {
    ...joint.anchorCovariance,
    data: joint.anchorCovariance.data.map((v, k) => v - (c[Math.floor(k / anchors)] * c[k % anchors]) / total),
  };
  const base = normalBaseSamples(anchors, 8192, createRng("brute force"));
  const before = entropy(thompsonFrequencies(joint, base));
  const rng = createRng("outcomes");
  const differences = Array.from({ length: 250 }, () => {
    const step = rng.normal() / Math.sqrt(total);
    const anchorMean = joint.anchorMean.map((m, r) => m + c[r] * step);
    return before - entropy(thompsonFrequencies({ ...joint, anchorMean, anchorCovariance: after }, base));
  });
  const mean = differences.reduce((a, b) => a + b) / differences.length;
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (differences.length - 1);
  return { mean, standardError: Math.sqrt(variance / differences.length) };
}
