import { drawPositions, importanceWeights, probabilities } from "@superbatch/is-sgd";
import { createRng, type Rng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakEvenTau, importanceVariance, largestGain } from "./break-even.ts";

/** Gradients in the plane whose norms differ by orders of magnitude, and that cancel. */
function gradients(examples: number): Float64Array[] {
  const rng = createRng("break-even/gradients");
  const all = Array.from({ length: examples }, () => {
    const size = Math.exp(1.5 * rng.normal());
    return Float64Array.of(size * rng.normal(), size * rng.normal());
  });
  const means = [0, 1].map((axis) => all.reduce((sum, each) => sum + each[axis]!, 0) / examples);
  return all.map((each) => each.map((value, axis) => value - means[axis]!));
}

function drawWithoutReplacement(examples: number, count: number, rng: Rng): number[] {
  const order = Array.from({ length: examples }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + rng.integer(examples - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order.slice(0, count);
}

describe("the variance of an importance-sampled gradient", () => {
  it.each([
    [8, 16, 256],
    [8, 64, 256],
    [8, 256, 256],
    [4, 12, 64],
  ])("is what draws of %i from super-batches of %i of %i examples show", (batchSize, superBatchSize, examples) => {
    const all = gradients(examples);
    const norms = all.map(([x, y]) => Math.hypot(x!, y!));
    const single = norms.reduce((sum, norm) => sum + norm ** 2, 0) / examples;
    const rng = createRng(`break-even/${superBatchSize}`);
    const repeats = 40_000;
    const squares = new Float64Array(repeats);
    let firstMoments = 0;
    for (let i = 0; i < repeats; i++) {
      const members = drawWithoutReplacement(examples, superBatchSize, rng);
      const scores = Float64Array.from(members, (each) => norms[each]!);
      firstMoments += (scores.reduce((sum, score) => sum + score, 0) / superBatchSize) ** 2 / repeats;
      const g = probabilities(scores);
      const drawn = drawPositions(g, batchSize, rng);
      const weights = importanceWeights(g, drawn);
      const step = [0, 0];
      for (let k = 0; k < batchSize; k++) {
        const gradient = all[members[drawn[k]!]!]!;
        for (const axis of [0, 1]) step[axis]! += (weights[k]! * gradient[axis]!) / batchSize;
      }
      squares[i] = step[0]! ** 2 + step[1]! ** 2;
    }
    const mean = squares.reduce((sum, each) => sum + each, 0) / repeats;
    const spread = squares.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (repeats - 1);
    const expected = importanceVariance(Math.sqrt(single / firstMoments), { batchSize, superBatchSize, examples });
    expect(Math.abs(mean / single - expected)).toBeLessThan((4 * Math.sqrt(spread / repeats)) / single);
    // Distinguishable from what τ alone would have it be, but where the super-batch is all there is.
    if (superBatchSize < examples) expect(mean / single).toBeGreaterThan((1.1 * firstMoments) / single / batchSize);
  });
});

const draws = fc
  .record({
    batchSize: fc.integer({ min: 2, max: 256 }),
    factor: fc.integer({ min: 2, max: 64 }),
    more: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constant(Number.POSITIVE_INFINITY)),
  })
  .map(({ batchSize, factor, more }) => ({
    batchSize,
    superBatchSize: factor * batchSize,
    examples: factor * batchSize + more,
  }));

describe("break-even", () => {
  it("is where variance times cost is that of uniform sampling", () => {
    fc.assert(
      fc.property(draws, (each) => {
        const tau = breakEvenTau(each);
        fc.pre(Number.isFinite(tau));
        const { batchSize: b, superBatchSize: B, examples: n } = each;
        const uniform = (n === Number.POSITIVE_INFINITY ? 1 : (n - b) / (n - 1)) / b;
        const cost = (B + 3 * b) / (3 * b);
        expect(importanceVariance(tau, each) * cost).toBeCloseTo(uniform, 10);
      }),
    );
  });

  it("of fresh examples asks for a τ of more than 2.3 at any B, and never comes below B = 1.5b", () => {
    const at = (factor: number) =>
      breakEvenTau({ batchSize: 128, superBatchSize: factor * 128, examples: Number.POSITIVE_INFINITY });
    for (let factor = 1.5; factor < 40; factor += 0.5) expect(at(factor)).toBeGreaterThan(2.3);
    expect(at(4)).toBeLessThan(2.36);
    expect(at(1.4)).toBe(Number.POSITIVE_INFINITY);
  });

  it("leaves less than three times the cost to be won", () => {
    expect(largestGain({ batchSize: 32, superBatchSize: 64 })).toBeCloseTo(1.2, 12);
    expect(largestGain({ batchSize: 32, superBatchSize: 3.2e6 })).toBeLessThan(3);
    // With all of a super-batch's scores on one example the gradient is the super-batch's mean.
    const sizes = { batchSize: 32, superBatchSize: 256 };
    const variance = importanceVariance(Math.sqrt(256), { ...sizes, examples: Number.POSITIVE_INFINITY });
    expect(1 / 32 / variance / ((256 + 96) / 96)).toBeCloseTo(largestGain(sizes), 12);
  });
});
