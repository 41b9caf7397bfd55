import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lossScores, upperBoundScores } from "./score.ts";

const logits = [2, 0.5, -1, 0.1, 0.2, 0.3, -1, 3, 0, 4, -2, 0];
const labels = [0, 2, 0, 0];

describe("scores", () => {
  it("match values computed independently", () => {
    const upper = [0.2796875874, 0.775383267, 1.3582030893, 0.027254361];
    const losses = [0.2413112967, 1.0019428482, 4.0658839038, 0.0205811389];
    for (const [i, s] of upperBoundScores(logits, labels).entries()) expect(s).toBeCloseTo(upper[i], 9);
    for (const [i, s] of lossScores(logits, labels).entries()) expect(s).toBeCloseTo(losses[i], 9);
  });

  it("the upper bound is the norm of the loss's gradient by the logits (central differences)", () => {
    const rng = createRng(3);
    const z = Array.from({ length: 5 }, () => rng.normal());
    const h = 1e-6;
    const gradient = z.map((_, c) => {
      const at = (sign: number) => lossScores(z.with(c, z[c] + sign * h), [2])[0];
      return (at(1) - at(-1)) / (2 * h);
    });
    expect(upperBoundScores(z, [2])[0]).toBeCloseTo(Math.hypot(...gradient), 8);
  });

  it("stay finite and within bounds for any finite logits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e300, max: 1e300, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (z) => {
          const [upper] = upperBoundScores(z, [1]);
          return upper >= 0 && upper <= Math.SQRT2 + 1e-12 && lossScores(z, [1])[0] >= 0;
        },
      ),
    );
  });

  it("do not change when a constant is added to all logits", () => {
    const shifted = logits.map((z) => z + 100);
    for (const [i, s] of upperBoundScores(shifted, labels).entries())
      expect(s).toBeCloseTo(upperBoundScores(logits, labels)[i], 10);
  });

  it("refuse labels without a class and lengths that do not fit", () => {
    expect(() => upperBoundScores(logits, [0, 3, 0, 0])).toThrow("labels[1]");
    expect(() => lossScores(logits, [0, -1, 0, 0])).toThrow("labels[1]");
    expect(() => lossScores(logits, [0, 1, 2, 0, 1])).toThrow("12 logits");
    expect(upperBoundScores([], [])).toHaveLength(0);
  });
});
