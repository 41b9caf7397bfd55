import { type JointGaussian, matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { normalBaseSamples } from "./base-samples.ts";
import { createMaxValueEntropy } from "./max-value-entropy.ts";

/** One representer of unit variance: the minimum is its value, so the information is that about a normal variable. */
function single(cross: number[], noise: number): JointGaussian {
  return {
    anchorMean: Float64Array.of(0),
    anchorCovariance: matrixFromRows([[1]]),
    anchorNoise: Float64Array.of(noise),
    mean: new Float64Array(cross.length),
    variance: new Float64Array(cross.length).fill(1),
    noise: new Float64Array(cross.length).fill(noise),
    cross: matrixFromRows([cross]),
  };
}

describe("createMaxValueEntropy", () => {
  it("is the mutual information of two normals where there is one representer", () => {
    const correlations = [0, 0.3, 0.6, 0.9];
    const posterior = single(correlations, 0.25);
    const base = normalBaseSamples(1, 4096, createRng(1));
    const gain = createMaxValueEntropy([posterior], base).gain(posterior, 0);
    for (let q = 0; q < correlations.length; q++) {
      expect(gain[q]).toBeCloseTo(-0.5 * Math.log(1 - correlations[q] ** 2 / 1.25), 2);
    }
  });

  it("is 0 without correlation and grows with it", () => {
    const posterior = single([0, 0.2, 0.5, 0.8], 0.1);
    const base = normalBaseSamples(1, 512, createRng(2));
    const gain = createMaxValueEntropy([posterior], base).gain(posterior, 0);
    expect(gain[0]).toBe(0);
    for (let q = 1; q < 4; q++) expect(gain[q]).toBeGreaterThan(gain[q - 1]);
  });

  it("is about the lowest acceptable representer", () => {
    // The first one is far lower, and the first candidate tells of it alone; the second candidate tells of the second one.
    const posterior: JointGaussian = {
      anchorMean: Float64Array.of(-10, 0),
      anchorCovariance: matrixFromRows([
        [1, 0],
        [0, 1],
      ]),
      anchorNoise: Float64Array.of(0.1, 0.1),
      mean: new Float64Array(2),
      variance: Float64Array.of(1, 1),
      noise: Float64Array.of(0.1, 0.1),
      cross: matrixFromRows([
        [0.9, 0],
        [0, 0.9],
      ]),
    };
    const base = normalBaseSamples(2, 1024, createRng(4));
    const gain = (acceptable?: Float64Array) => createMaxValueEntropy([posterior], base, acceptable).gain(posterior, 0);
    const [first, second] = gain();
    expect(first).toBeGreaterThan(0.5);
    expect(second).toBeLessThan(0.05);
    const [refused, other] = gain(Float64Array.of(0, 0.8));
    expect(refused).toBeLessThan(0.05);
    expect(other).toBeGreaterThan(0.5);
  });

  it("is finite where an observation is certain, or tells all", () => {
    const certain = { ...single([0, 1], 0), variance: Float64Array.of(0, 1) };
    const base = normalBaseSamples(1, 64, createRng(3));
    const gain = createMaxValueEntropy([certain], base).gain(certain, 0);
    expect(gain[0]).toBe(0);
    expect(gain[1]).toBeGreaterThan(1);
    expect(Number.isFinite(gain[1])).toBe(true);
  });
});
