import { createMatrix } from "@superbatch/linalg";
import { describe, expect, it } from "vitest";
import { conditionOnPending } from "./pending.ts";
import { pointMatrix } from "./points.ts";
import { type ExactGp, exactGpPosterior } from "./testing/exact-gp.ts";

const gp: ExactGp = {
  x: pointMatrix([Float64Array.of(0.1, 0.2), Float64Array.of(0.5, 0.9), Float64Array.of(0.8, 0.4)], 2),
  y: Float64Array.of(0.3, -0.7, 0.5),
  lengthScale: 0.4,
  variance: 1.3,
  noise: 0.01,
  mean: 0.1,
};
const representers = [Float64Array.of(0.3, 0.5), Float64Array.of(0.6, 0.6), Float64Array.of(0.9, 0.1)];
const pending = [Float64Array.of(0.35, 0.45), Float64Array.of(0.7, 0.8)];
const candidates = pointMatrix([Float64Array.of(0.2, 0.2), Float64Array.of(0.35, 0.45), Float64Array.of(1, 1)], 2);

describe("conditionOnPending", () => {
  const conditioned = conditionOnPending(
    exactGpPosterior(gp, pointMatrix([...representers, ...pending], 2), candidates),
    2,
  );

  it("equals a fit with the pending results at their posterior means", () => {
    const means = exactGpPosterior(gp, createMatrix(0, 2), pointMatrix(pending, 2)).mean;
    const x = createMatrix(5, 2);
    x.data.set(gp.x.data);
    pending.forEach((point, i) => {
      x.data.set(point, (3 + i) * 2);
    });
    const refitted: ExactGp = { ...gp, x, y: Float64Array.of(...gp.y, ...means) };
    const expected = exactGpPosterior(refitted, pointMatrix(representers, 2), candidates);
    const compare = (a: Float64Array, b: Float64Array) => {
      expect(a).toHaveLength(b.length);
      for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i], 10);
    };
    compare(conditioned.anchorMean, expected.anchorMean);
    compare(conditioned.anchorCovariance.data, expected.anchorCovariance.data);
    compare(conditioned.anchorNoise, expected.anchorNoise);
    compare(conditioned.mean, expected.mean);
    compare(conditioned.variance, expected.variance);
    compare(conditioned.cross.data, expected.cross.data);
  });

  it("leaves little to learn where a trial is pending", () => {
    expect(conditioned.variance[1]).toBeLessThan(0.011);
  });

  it("changes nothing without pending trials, and refuses more than there are anchors", () => {
    const joint = exactGpPosterior(gp, pointMatrix(representers, 2), candidates);
    expect(conditionOnPending(joint, 0)).toBe(joint);
    expect(() => conditionOnPending(joint, 4)).toThrow(RangeError);
  });

  it("copes with the same trial pending many times without noise", () => {
    const silent = { ...gp, noise: 0 };
    const many = Array.from({ length: 6 }, () => pending[0]);
    const result = conditionOnPending(exactGpPosterior(silent, pointMatrix(many, 2), candidates), 6);
    expect(result.variance.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
  });
});
