import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLossHistory } from "./loss-history.ts";
import { chiSquareTail } from "./testing/chi-square.ts";

const all = (n: number) => [{ start: 0, end: n }];
const ones = (n: number) => new Float64Array(n).fill(1);

/** A history of n examples in which those that `seen` names have losses, recorded at steps 0, 1, 2 … in turn. */
function recorded(n: number, fadingSteps: number, seed: number) {
  const history = createLossHistory(n, 0.1, fadingSteps);
  const rng = createRng(seed);
  for (let step = 0; step < 20; step++) {
    const indices = Array.from({ length: 5 }, () => rng.integer(n));
    history.record(
      indices,
      indices.map(() => rng.uniform() * 4),
      ones(5),
      step,
    );
  }
  return { history, rng };
}

describe("loss history", () => {
  it.each([
    [1, 1],
    [31, 2],
    [32, 3],
    [33, 4],
    [100, 5],
    [1000, 6],
  ])("of %i examples draws by its probabilities (chi-square), which sum to 1", (n, seed) => {
    const { history, rng } = recorded(n, 15, seed);
    const p = Array.from({ length: n }, (_, i) => history.probability(i, 25, all(n)));
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const draws = 100_000;
    const { indices, p: told } = history.draw(draws, 25, all(n), rng);
    for (let k = 0; k < draws; k += 997) expect(told[k]).toBeCloseTo(p[indices[k]], 12);
    const counts = new Float64Array(n);
    for (const index of indices) counts[index]++;
    if (n > 1)
      expect(
        chiSquareTail(
          counts,
          p.map((q) => q * draws),
        ),
      ).toBeGreaterThan(0.001);
  });

  it("within shards draws only what they hold, by the same scores", () => {
    const { history, rng } = recorded(200, 15, 7);
    const ranges = [
      { start: 10, end: 45 },
      { start: 128, end: 199 },
    ];
    const members = ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, k) => start + k));
    const p = members.map((index) => history.probability(index, 25, ranges));
    expect(p.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 10);
    const counts = new Float64Array(200);
    for (const index of history.draw(100_000, 25, ranges, rng).indices) counts[index]++;
    expect(counts.filter((_, index) => !members.includes(index)).every((count) => count === 0)).toBe(true);
    const tail = chiSquareTail(
      members.map((index) => counts[index]),
      p.map((q) => q * 100_000),
    );
    expect(tail).toBeGreaterThan(0.001);
  });

  it("scores fade from the recorded loss to the mean by exp(−age / T), and weights stay below 1/λ", () => {
    const n = 64;
    const history = createLossHistory(n, 0.2, 10);
    history.record([3], [8], [1], 0); // μ = 8
    history.record([5], [0], [1], 1); // μ = 7.2
    const mu = 0.9 * 8;
    expect(history.mean()).toBeCloseTo(mu, 12);
    for (const step of [1, 5, 100, 5000]) {
      const scoreAt = (l: number, r: number) => mu + (l - mu) * Math.exp(-(step - r) / 10);
      const total = 62 * mu + scoreAt(8, 0) + scoreAt(0, 1);
      const p = (s: number) => (0.8 * s) / total + 0.2 / n;
      expect(history.probability(3, step, all(n))).toBeCloseTo(p(scoreAt(8, 0)), 12);
      expect(history.probability(5, step, all(n))).toBeCloseTo(p(scoreAt(0, 1)), 12);
      expect(history.probability(9, step, all(n))).toBeCloseTo(p(mu), 12);
      expect(1 / (n * history.probability(5, step, all(n)))).toBeLessThanOrEqual(5 + 1e-9);
    }
  });

  it("before any record, and when all losses are 0, is uniform", () => {
    const history = createLossHistory(10, 0.1, 5);
    expect(history.probability(4, 0, all(10))).toBeCloseTo(0.1, 12);
    history.record([0, 1], [0, 0], ones(2), 0);
    expect(history.probability(0, 1, all(10))).toBeCloseTo(0.1, 12);
  });

  it("restored from its records in any order draws exactly as before", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 300 }), (seed, n) => {
        const records: { index: number; loss: number; step: number }[] = [];
        const history = createLossHistory(n, 0.1, 3);
        const rng = createRng(seed);
        for (let step = 0; step < 250; step += 25) {
          const index = rng.integer(n);
          const loss = Math.fround(rng.uniform());
          history.record([index], [loss], [1], step);
          records.push({ index, loss, step });
        }
        const copy = createLossHistory(n, 0.1, 3);
        const shuffled = records.map((record) => ({ record, key: rng.uint32() })).sort((a, b) => a.key - b.key);
        copy.restore(
          {
            indices: shuffled.map(({ record }) => record.index),
            losses: shuffled.map(({ record }) => record.loss),
            steps: shuffled.map(({ record }) => record.step),
          },
          history.mean(),
          250,
        );
        const draw = (from: typeof history) => [...from.draw(20, 260, all(n), createRng(seed)).indices];
        expect(draw(copy)).toEqual(draw(history));
      }),
      { numRuns: 50 },
    );
  });

  it("needs at most 12 bytes per example", () => {
    for (const n of [1000, 100_000, 1_000_000]) expect(createLossHistory(n, 0.1, 10).bytes / n).toBeLessThan(12);
  });
});
