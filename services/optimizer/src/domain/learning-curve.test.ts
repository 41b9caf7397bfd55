import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { extrapolateCurve, studentCdf } from "./learning-curve.ts";

const prior = { mean: 0.3, sd: 0.15 };

/** The first steps of a curve that falls to `end` by a power. */
function falling(steps: number, end: number, noise: (step: number) => number = () => 0) {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    value: end + 0.6 * (i + 1) ** -0.8 + noise(i),
  }));
}

describe("an extrapolated curve", () => {
  it("ends where the curve leads", () => {
    for (const end of [0.05, 0.2, 0.5]) {
      const truth = end + 0.6 * 100 ** -0.8;
      expect(Math.abs(extrapolateCurve(falling(30, end), 100, prior).mean - truth)).toBeLessThan(0.03);
    }
  });

  it("is surer the more there is of it", () => {
    const uncertainty = (steps: number) => {
      const end = extrapolateCurve(falling(steps, 0.2), 100, prior);
      return end.below(end.mean + 0.05) - end.below(end.mean - 0.05);
    };
    expect(uncertainty(60)).toBeGreaterThan(uncertainty(5));
  });

  it("has probabilities that are right as often as they say", () => {
    const rng = createRng("calibration");
    let below = 0;
    const quantiles = Array.from({ length: 300 }, () => {
      const end = 0.1 + 0.4 * rng.uniform();
      const power = 0.4 + rng.uniform();
      const value = (step: number) => end + 0.5 * step ** -power + 0.01 * rng.normal();
      const points = Array.from({ length: 25 }, (_, i) => ({ step: i + 1, value: value(i + 1) }));
      return extrapolateCurve(points, 100, prior).below(value(100));
    });
    for (const quantile of quantiles) if (quantile < 0.05) below++;
    // Of 300, 15 expected; the rule stops at this level.
    expect(below).toBeLessThan(20);
    expect(quantiles.filter((quantile) => quantile > 0.25 && quantile < 0.75).length).toBeGreaterThan(90);
  });

  it("of many points takes time for few", () => {
    const end = extrapolateCurve(falling(5_000, 0.2), 10_000, prior);
    expect(end.mean).toBeCloseTo(0.2, 1);
  });
});

describe("Student's t", () => {
  it("has the values of an independent integration", () => {
    // Simpson's rule over the density, in Python.
    const values = [
      [1, 0.7912855998],
      [2, 0.8383764841],
      [5, 0.8748496829],
      [6, 0.8793474126],
      [9, 0.8870468137],
      [34, 0.8988272876],
    ] as const;
    for (const [freedom, value] of values) {
      expect(studentCdf(1.3, freedom)).toBeCloseTo(value, 9);
      expect(studentCdf(-1.3, freedom)).toBeCloseTo(1 - value, 9);
    }
  });
});
