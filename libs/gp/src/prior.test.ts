import { describe, expect, it } from "vitest";
import { horseshoePrior, normalPrior, topHatPrior } from "./prior.ts";

describe("priors", () => {
  it.each([
    ["normal", normalPrior(0.3, 2)],
    ["top hat", topHatPrior(-10, 2, 0)],
    ["horseshoe", horseshoePrior(0.001)],
  ] as const)("%s: derivative equals central differences", (_, prior) => {
    for (const v of [-9, -6.9, -3, 0, 1.9]) {
      const difference = (prior.logDensity(v + 1e-5) - prior.logDensity(v - 1e-5)) / 2e-5;
      expect(Math.abs(prior.derivative(v) - difference)).toBeLessThan(1e-6);
    }
  });

  it("the top hat has no density outside", () => {
    expect(topHatPrior(-10, 2, 0).logDensity(2.01)).toBe(Number.NEGATIVE_INFINITY);
  });
});
