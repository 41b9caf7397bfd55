import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEnvelopeBuffer, lowerEnvelope } from "./lower-envelope.ts";

function envelope(values: readonly number[], slopes: readonly number[], reach: number) {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
  const out = createEnvelopeBuffer(values.length);
  const sorted = { values: Float64Array.from(order, (i) => values[i]), order, offset: 0, lines: values.length };
  const rightmost = lowerEnvelope(
    sorted,
    Float64Array.from(slopes),
    Math.min(...slopes),
    Math.max(...slopes),
    reach,
    out,
  );
  const breakpoints = Array.from({ length: out.count }, (_, k) => ({
    place: out.place[k],
    left: out.left[k],
    right: out.right[k],
  }));
  return { rightmost, breakpoints: breakpoints.sort((a, b) => a.place - b.place) };
}

describe("lowerEnvelope", () => {
  it("finds the crossing of two lines on either side", () => {
    expect(envelope([0, 1], [0, -2], 10)).toEqual({ rightmost: 1, breakpoints: [{ place: 0.5, left: 0, right: 1 }] });
    expect(envelope([0, 1], [0, 2], 10)).toEqual({ rightmost: 0, breakpoints: [{ place: -0.5, left: 1, right: 0 }] });
  });

  it("skips lines that are never the minimum, and crossings out of reach", () => {
    expect(envelope([0, 1, 0.9], [0, -2, -1], 10).breakpoints).toHaveLength(1);
    expect(envelope([0, 1], [0, -0.01], 10).breakpoints).toHaveLength(0);
    expect(envelope([3, 1, 2], [1, 1, 1], 10)).toEqual({ rightmost: 1, breakpoints: [] });
  });

  it("agrees with the minimum at any place, for random lines", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), (seed, lines) => {
        const rng = createRng(seed);
        const values = Array.from({ length: lines }, () => rng.normal());
        const slopes = Array.from({ length: lines }, () => rng.normal());
        const { rightmost, breakpoints } = envelope(values, slopes, 6);
        for (let i = 1; i < breakpoints.length; i++) expect(breakpoints[i].left).toBe(breakpoints[i - 1].right);
        for (let i = 0; i < 20; i++) {
          const delta = 12 * rng.uniform() - 6;
          const winner = breakpoints.find(({ place }) => delta < place)?.left ?? rightmost;
          const at = (r: number) => values[r] + slopes[r] * delta;
          const lowest = Math.min(...values.map((_, r) => at(r)));
          expect(at(winner)).toBeLessThanOrEqual(lowest + 1e-9);
        }
      }),
    );
  });
});
