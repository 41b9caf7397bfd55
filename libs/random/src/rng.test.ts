import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRng, restoreRng } from "./rng.ts";

/** Σ (observed − expected)² / expected over equally likely cells. */
function chiSquare(counts: ArrayLike<number>): number {
  const cells = Array.from(counts);
  const expected = cells.reduce((a, b) => a + b, 0) / cells.length;
  return cells.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe("createRng", () => {
  it("repeats itself for an equal seed and differs for another", () => {
    const draw = (seed: string | number) => {
      const rng = createRng(seed);
      return Array.from({ length: 8 }, () => rng.uint32());
    };
    expect(draw("study")).toEqual(draw("study"));
    expect(draw(1)).toEqual(draw("1"));
    expect(draw("study")).not.toEqual(draw("studz"));
  });

  it("draws uniforms with the moments of a uniform", () => {
    const rng = createRng(11);
    const n = 200_000;
    let mean = 0;
    let variance = 0;
    let lagged = 0;
    let previous = 0.5;
    for (let i = 0; i < n; i++) {
      const u = rng.uniform();
      mean += u / n;
      variance += (u - 0.5) ** 2 / n;
      lagged += ((u - 0.5) * (previous - 0.5)) / n;
      previous = u;
    }
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
    expect(Math.abs(lagged)).toBeLessThan(4 / 12 / Math.sqrt(n));
  });

  it("draws normals with the moments of a normal", () => {
    const rng = createRng(12);
    const n = 200_000;
    const moments = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const z = rng.normal();
      for (let k = 0; k < 4; k++) moments[k] += z ** (k + 1) / n;
    }
    // Variances of the moments' estimates: 1, 2, 15, 96.
    expect(Math.abs(moments[0])).toBeLessThan(4 * Math.sqrt(1 / n));
    expect(Math.abs(moments[1] - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
    expect(Math.abs(moments[2])).toBeLessThan(4 * Math.sqrt(15 / n));
    expect(Math.abs(moments[3] - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  });

  it.each([2, 3, 10, 97])("draws integers below %i equally often", (n) => {
    const rng = createRng(`integers ${n}`);
    const counts = new Float64Array(n);
    for (let i = 0; i < 2000 * n; i++) counts[rng.integer(n)]++;
    // Wilson and Hilferty's approximation of the 0.9999 quantile.
    const k = n - 1;
    expect(chiSquare(counts)).toBeLessThan(k * (1 - 2 / (9 * k) + 3.72 * Math.sqrt(2 / (9 * k))) ** 3);
  });

  it("fills pairs of consecutive uniforms evenly", () => {
    const rng = createRng("pairs");
    const counts = new Float64Array(256);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(rng.uniform() * 16) * 16 + Math.floor(rng.uniform() * 16)]++;
    expect(chiSquare(counts)).toBeLessThan(347); // 0.9999 quantile at 255 degrees of freedom
  });

  it("draws integers above 32 bits in range and refuses sizes that are none", () => {
    const rng = createRng(5);
    const draws = Array.from({ length: 100 }, () => rng.integer(2 ** 40));
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw < 2 ** 40)).toBe(true);
    expect(Math.max(...draws)).toBeGreaterThan(2 ** 32);
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => rng.integer(n)).toThrow(RangeError);
  });

  it("continues from its state exactly, forks included", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(50), (seed, draws) => {
        const rng = createRng(seed);
        for (let i = 0; i < draws; i++) rng.uint32();
        const restored = restoreRng(rng.state());
        for (let i = 0; i < 5; i++) expect(restored.uint32()).toBe(rng.uint32());
        expect(restored.fork("child").uint32()).toBe(rng.fork("child").uint32());
      }),
    );
    expect(() => restoreRng("mt19937:00")).toThrow(RangeError);
  });

  it("forks by label alone, however much was drawn", () => {
    const fresh = createRng("parent");
    const used = createRng("parent");
    for (let i = 0; i < 100; i++) used.normal();
    expect(used.fork("a").uint32()).toBe(fresh.fork("a").uint32());
    expect(fresh.fork("a").uint32()).not.toBe(fresh.fork("b").uint32());
  });

  it("forks streams that are uncorrelated with the parent and one another", () => {
    const parent = createRng("parent");
    const streams = [parent, parent.fork(0), parent.fork(1), parent.fork("0/0")];
    const n = 50_000;
    const sums = streams.map(() => streams.map(() => 0));
    for (let i = 0; i < n; i++) {
      const draws = streams.map((stream) => stream.uniform() - 0.5);
      for (let a = 0; a < draws.length; a++) for (let b = 0; b < a; b++) sums[a][b] += (12 * draws[a] * draws[b]) / n;
    }
    expect(Math.max(...sums.flat().map(Math.abs))).toBeLessThan(4 / Math.sqrt(n));
  });
});
