import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { hyperparameterLayout } from "./hyperparameters.ts";
import { inputLayout, toInputs } from "./inputs.ts";
import { createLikelihood } from "./likelihood.ts";
import type { FitOptions } from "./model.ts";
import { mixedDimensions, mixedPoints, randomTheta } from "./testing.ts";

const base = { inference: "map", output: "objective" } as const;
const variants: FitOptions[] = [
  base,
  { ...base, inputWarping: true },
  { ...base, kernel: "rbf", fidelityNoise: true, inputWarping: true },
  { ...base, kernel: "matern52-product", priors: "robo" },
  { ...base, output: "log-cost", priors: "robo", fidelityNoise: true },
  { ...base, fidelityKernel: "distance", fidelityNoise: true },
];

describe("log posterior", () => {
  const inputs = inputLayout(mixedDimensions);

  it.each(variants)("gradient equals central differences: %o", (options) => {
    const inputs = inputLayout(mixedDimensions, options.fidelityKernel === "distance");
    const rng = createRng(4);
    const layout = hyperparameterLayout(inputs, options, undefined);
    for (const n of [1, 2, 7, 70]) {
      const x = toInputs(inputs, mixedPoints(n, rng), "x");
      const y = new Float64Array(n).map(() => rng.normal());
      const { logPosterior } = createLikelihood(layout, x, y);
      const theta = randomTheta(layout, rng);
      const gradient = new Float64Array(theta.length);
      expect(logPosterior(theta, gradient)).toBe(logPosterior(theta));
      for (let p = 0; p < theta.length; p++) {
        const at = (h: number) => logPosterior(theta.map((value, i) => (i === p ? value + h : value)));
        const h = 1e-4;
        // Richardson's extrapolation of two central differences.
        const wide = (at(2 * h) - at(-2 * h)) / (4 * h);
        const difference = (4 * (at(h) - at(-h))) / (2 * h * 3) - wide / 3;
        expect(Math.abs(gradient[p]! - difference), layout.names[p]!).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(difference)),
        );
      }
    }
  });

  it("is −∞ outside the priors' support and beyond float64's reach", () => {
    const layout = hyperparameterLayout(inputs, { ...base, priors: "robo" }, undefined);
    const rng = createRng(5);
    const { logPosterior } = createLikelihood(
      layout,
      toInputs(inputs, mixedPoints(5, rng), "x"),
      Float64Array.of(1, 2, 3, 4, 5),
    );
    const theta = randomTheta(layout, rng);
    theta[0] = 2.1;
    expect(logPosterior(theta)).toBe(Number.NEGATIVE_INFINITY);
    theta[0] = 0;
    theta[layout.noise] = 400;
    expect(logPosterior(theta)).toBe(Number.NEGATIVE_INFINITY);
    expect(logPosterior(theta.fill(Number.NaN))).toBe(Number.NEGATIVE_INFINITY);
  });
});
