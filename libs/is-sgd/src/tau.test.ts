import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { probabilities } from "./probabilities.ts";
import { upperBoundScores } from "./score.ts";
import { trackTau, varianceReduction } from "./tau.ts";

describe("variance reduction", () => {
  const g = probabilities(upperBoundScores([2, 0.5, -1, 0.1, 0.2, 0.3, -1, 3, 0, 4, -2, 0], [0, 2, 0, 0]));

  it("matches the value computed independently, and the definition by distance from uniform", () => {
    expect(varianceReduction(g)).toBeCloseTo(1.3021723753, 9);
    const distance = g.reduce((sum, p) => sum + (p - 0.25) ** 2, 0);
    const norm = g.reduce((sum, p) => sum + p * p, 0);
    expect(varianceReduction(g)).toBeCloseTo((1 - distance / norm) ** -0.5, 12);
  });

  it("is 1 when uniform and √n when one example holds all", () => {
    expect(varianceReduction(new Float64Array(49).fill(1 / 49))).toBe(1);
    expect(varianceReduction(probabilities([0, 0, 7, 0, 0, 0, 0, 0, 0]))).toBe(3);
  });

  it("stays in [1, √n]", () => {
    const scores = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(scores, (s) => {
        const tau = varianceReduction(probabilities(s));
        return tau >= 1 && tau <= Math.sqrt(s.length);
      }),
    );
  });

  it("is tracked from 0", () => {
    const tau = varianceReduction(g);
    const tracked = [0, 1, 2].reduce<number[]>((all) => [...all, trackTau(all.at(-1) ?? 0, tau)], []);
    expect(tracked[0]).toBeCloseTo(0.1302172375, 9);
    expect(tracked[1]).toBeCloseTo(0.2474127513, 9);
    expect(tracked[2]).toBeCloseTo(0.3528887137, 9);
  });
});
