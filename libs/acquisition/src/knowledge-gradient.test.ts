import { createMatrix, type JointGaussian, matrixFromRows } from "@superbatch/linalg";
import { createRng, normalCdf } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createKnowledgeGradient } from "./knowledge-gradient.ts";
import { gaussHermite } from "./quadrature.ts";

function joint(means: number[], cross: number[][], variance: number[], noise: number[]): JointGaussian {
  return {
    anchorMean: Float64Array.from(means),
    anchorCovariance: createMatrix(means.length, means.length),
    anchorNoise: new Float64Array(means.length),
    mean: new Float64Array(variance.length),
    variance: Float64Array.from(variance),
    noise: Float64Array.from(noise),
    cross: matrixFromRows(cross),
  };
}

const gain = (posterior: JointGaussian) => Array.from(createKnowledgeGradient([posterior]).gain(posterior, 0));

describe("createKnowledgeGradient", () => {
  it("is the expected improvement where one of two representers is observed without noise", () => {
    // f₀ = 0 is certain; f₁ ~ N(0.3, 0.5²) is the candidate.
    const z = -0.3 / 0.5;
    const expected = 0.5 * (z * normalCdf(z) + Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
    expect(gain(joint([0, 0.3], [[0], [0.25]], [0.25], [0]))[0]).toBeCloseTo(expected, 12);
  });

  it("agrees with quadrature over the outcome for many representers", () => {
    const rng = createRng(3);
    const means = Array.from({ length: 12 }, () => rng.normal());
    const cross = Array.from({ length: 12 }, () => [rng.normal(), 0.1 * rng.normal()]);
    const { nodes, weights } = gaussHermite(100);
    const found = gain(joint(means, cross, [1, 2], [0.2, 0.3]));
    for (let q = 0; q < 2; q++) {
      const scale = Math.sqrt(q === 0 ? 1.2 : 2.3);
      let after = 0;
      for (let g = 0; g < 100; g++) {
        after += weights[g] * Math.min(...means.map((m, r) => m + (cross[r][q] / scale) * nodes[g]));
      }
      expect(Math.abs(found[q] - (Math.min(...means) - after))).toBeLessThan(0.005);
    }
  });

  it("takes the minimum over acceptable representers alone", () => {
    const rng = createRng(5);
    const means = Array.from({ length: 9 }, () => rng.normal());
    const cross = Array.from({ length: 9 }, () => [rng.normal(), rng.normal()]);
    const posterior = joint(means, cross, [2, 2], [0.1, 0.1]);
    const probability = Float64Array.from(means, () => rng.uniform());
    const kept = means.map((_, r) => r).filter((r) => probability[r] >= 0.5);
    const only = (rows: number[]) =>
      gain(
        joint(
          rows.map((r) => means[r]),
          rows.map((r) => cross[r]),
          [2, 2],
          [0.1, 0.1],
        ),
      );
    const found = (acceptable: Float64Array) =>
      Array.from(createKnowledgeGradient([posterior], acceptable).gain(posterior, 0));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThan(9);
    expect(found(probability)).toEqual(only(kept));
    expect(found(probability)).not.toEqual(gain(posterior));
    expect(found(probability.map((p) => p / 2.1))).toEqual(gain(posterior));
  });

  it("is 0 where the representers do not move apart, and where nothing is uncertain", () => {
    expect(gain(joint([0, 1], [[0.5], [0.5]], [1], [0]))).toEqual([0]);
    expect(gain(joint([0, 1], [[0], [0]], [0], [0]))).toEqual([0]);
  });
});
