import { describe, expect, it } from "vitest";
import { createRng } from "./rng.ts";
import { createSobol } from "./sobol.ts";

function column(points: Float64Array, dimensions: number, d: number): number[] {
  return Array.from({ length: points.length / dimensions }, (_, i) => points[i * dimensions + d]);
}

/** Warnock's formula for the square of the L2 star discrepancy. */
function squaredDiscrepancy(points: Float64Array, dimensions: number): number {
  const n = points.length / dimensions;
  let single = 0;
  let pairs = 0;
  for (let i = 0; i < n; i++) {
    let product = 1;
    for (let d = 0; d < dimensions; d++) product *= 1 - points[i * dimensions + d] ** 2;
    single += product;
    for (let j = 0; j < n; j++) {
      let both = 1;
      for (let d = 0; d < dimensions; d++) {
        both *= 1 - Math.max(points[i * dimensions + d], points[j * dimensions + d]);
      }
      pairs += both;
    }
  }
  return 3 ** -dimensions - (2 ** (1 - dimensions) / n) * single + pairs / n ** 2;
}

describe("createSobol", () => {
  it("gives the published first points", () => {
    const points = createSobol(5).take(8);
    expect(Array.from(points)).toEqual(
      [
        [0, 0, 0, 0, 0],
        [0.5, 0.5, 0.5, 0.5, 0.5],
        [0.75, 0.25, 0.25, 0.25, 0.75],
        [0.25, 0.75, 0.75, 0.75, 0.25],
        [0.375, 0.375, 0.625, 0.875, 0.375],
        [0.875, 0.875, 0.125, 0.375, 0.875],
        [0.625, 0.125, 0.875, 0.625, 0.625],
        [0.125, 0.625, 0.375, 0.125, 0.125],
      ].flat(),
    );
  });

  it("gives scipy's points in all 256 dimensions", () => {
    const sobol = createSobol(256);
    sobol.skip(3001);
    const point = sobol.next();
    expect([0, 1, 2, 9, 20, 50, 100, 127, 200, 255].map((d) => point[d])).toEqual([
      0.650146484375, 0.838134765625, 0.082763671875, 0.917724609375, 0.412841796875, 0.595458984375, 0.760498046875,
      0.304931640625, 0.748779296875, 0.968017578125,
    ]);
  });

  it("continues after skip and take as after single steps", () => {
    const single = createSobol(3, { rng: createRng(4) });
    const jumping = createSobol(3, { rng: createRng(4) });
    for (let i = 0; i < 7; i++) single.next();
    jumping.take(2);
    jumping.skip(5);
    expect(jumping.next()).toEqual(single.next());
  });

  it.each([undefined, 1, 2, 3])("has one point in each of 256 intervals of every dimension (seed %s)", (seed) => {
    const dimensions = 256;
    const points = createSobol(dimensions, seed === undefined ? {} : { rng: createRng(seed) }).take(256);
    for (let d = 0; d < dimensions; d++) {
      const cells = new Set(column(points, dimensions, d).map((u) => Math.floor(u * 256)));
      expect(cells.size).toBe(256);
    }
  });

  it.each([1, 2, 3])("stays a (0, m, 2)-net in its first two dimensions when scrambled (seed %i)", (seed) => {
    const points = createSobol(2, { rng: createRng(seed) }).take(256);
    for (let bits = 0; bits <= 8; bits++) {
      const cells = new Set<string>();
      for (let i = 0; i < 256; i++) {
        cells.add(`${Math.floor(points[2 * i] * 2 ** bits)},${Math.floor(points[2 * i + 1] * 2 ** (8 - bits))}`);
      }
      expect(cells.size).toBe(256);
    }
  });

  it.each([2, 5, 8])("has a lower discrepancy than random points in %i dimensions", (dimensions) => {
    const rng = createRng("discrepancy");
    const scrambled = createSobol(dimensions, { rng }).take(512);
    const random = Float64Array.from({ length: 512 * dimensions }, () => rng.uniform());
    const ratio = squaredDiscrepancy(scrambled, dimensions) / squaredDiscrepancy(random, dimensions);
    expect(ratio).toBeLessThan(0.3);
  });

  it("scrambles each point to be uniform, over seeds", () => {
    const seeds = 4000;
    let sum = 0;
    let squares = 0;
    const counts = new Float64Array(16);
    for (let seed = 0; seed < seeds; seed++) {
      const point = createSobol(3, { rng: createRng(seed) }).take(4)[3 * 3 + 2];
      sum += point;
      squares += point * point;
      counts[Math.floor(point * 16)]++;
    }
    const chiSquare = counts.reduce((total, count) => total + (count - seeds / 16) ** 2 / (seeds / 16), 0);
    expect(Math.abs(sum / seeds - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / seeds));
    expect(Math.abs(squares / seeds - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / seeds));
    expect(chiSquare).toBeLessThan(37.7); // 0.999 quantile at 15 degrees of freedom
  });

  it("keeps scrambled coordinates strictly inside the unit interval and distinct between seeds", () => {
    const points = createSobol(16, { rng: createRng(1) }).take(4096);
    expect(Math.min(...points.subarray(0, 4096))).toBeGreaterThan(0);
    expect(points.every((u) => u > 0 && u < 1)).toBe(true);
    expect(createSobol(16, { rng: createRng(2) }).take(4096)).not.toEqual(points);
    expect(createSobol(16, { rng: createRng(1) }).take(4096)).toEqual(points);
  });

  it("refuses sizes that it cannot serve", () => {
    expect(() => createSobol(0)).toThrow(RangeError);
    expect(() => createSobol(257)).toThrow(RangeError);
    expect(() => createSobol(1.5)).toThrow(RangeError);
    expect(() => createSobol(2).take(-1)).toThrow(RangeError);
    expect(() => createSobol(2).skip(0.5)).toThrow(RangeError);
    const sobol = createSobol(1);
    sobol.skip(4294967296);
    expect(() => sobol.next()).toThrow(RangeError);
  });
});
