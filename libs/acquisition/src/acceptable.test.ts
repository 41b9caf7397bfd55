import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acceptableIn } from "./acceptable.ts";
import { jointSamples } from "./joint-samples.ts";
import { thompsonFrequencies } from "./minimizer-distribution.ts";

const probabilities = fc
  .uint8Array({ minLength: 1, maxLength: 8 })
  .map((bytes) => Float64Array.from(bytes, (byte) => byte / 255));

describe("acceptableIn", () => {
  it("accepts a point in as many samples as its probability over the largest says, and one in each sample", () => {
    fc.assert(
      fc.property(probabilities, (probability) => {
        const isAcceptable = acceptableIn(probability);
        const samples = Array.from({ length: 256 }, (_, s) => s);
        const largest = Math.max(...probability);
        for (const [point, p] of probability.entries()) {
          const share = samples.filter((s) => isAcceptable(point, s)).length / samples.length;
          expect(Math.abs(share - (largest === 0 ? 1 : p / largest))).toBeLessThan(0.02);
        }
        for (const s of samples) expect([...probability.keys()].some((point) => isAcceptable(point, s))).toBe(true);
      }),
    );
  });

  it("nests: what is accepted is at least as probable as what is not", () => {
    fc.assert(
      fc.property(probabilities, fc.nat(1000), (probability, s) => {
        const isAcceptable = acceptableIn(probability);
        const accepted = [...probability].filter((_, point) => isAcceptable(point, s));
        const refused = [...probability].filter((_, point) => !isAcceptable(point, s));
        expect(Math.min(...accepted)).toBeGreaterThanOrEqual(Math.max(0, ...refused));
      }),
    );
  });
});

describe("p(x*) with constraints", () => {
  const rng = createRng(3);
  const base = { rows: 3, columns: 512, data: Float64Array.from({ length: 3 * 512 }, () => rng.normal()) };
  const diagonal = { rows: 3, columns: 3, data: Float64Array.of(1e-6, 0, 0, 0, 1e-6, 0, 0, 0, 1e-6) };
  const empty = { rows: 3, columns: 0, data: new Float64Array() };
  // Three certain values at a scale of their own: x* is the lowest acceptable one.
  const joint = {
    anchorMean: Float64Array.of(-1e7, 1e7, 2e7),
    anchorCovariance: diagonal,
    anchorNoise: new Float64Array(3),
    mean: new Float64Array(),
    variance: new Float64Array(),
    noise: new Float64Array(),
    cross: empty,
  };

  it.each([
    [
      [1, 1, 1],
      [1, 0, 0],
    ],
    [
      [0, 1, 1],
      [0, 1, 0],
    ],
    [
      [0.25, 1, 1],
      [0.25, 0.75, 0],
    ],
    [
      [0, 0.1, 0.4],
      [0, 0.25, 0.75],
    ],
  ])("is of the best acceptable x: probabilities %j give %j", (acceptable, expected) => {
    const probability = Float64Array.from(acceptable);
    const { order } = jointSamples(joint, base, probability);
    const counted = new Float64Array(3);
    for (let s = 0; s < base.columns; s++) counted[order[3 * s]] += 1 / base.columns;
    const drawn = thompsonFrequencies(joint, base, probability);
    expected.forEach((p, i) => {
      expect(counted[i]).toBeCloseTo(p, 1);
      expect(drawn[i]).toBeCloseTo(p, 1);
    });
  });
});
