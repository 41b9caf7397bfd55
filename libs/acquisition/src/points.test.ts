import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { createPointSet, distinctPoints, includesPoint, pointMatrix, samePoint } from "./points.ts";

describe("points", () => {
  const nan = Number.NaN;

  it("are the same within the tolerance, with the same inactive columns", () => {
    expect(samePoint(Float64Array.of(0.1, nan), Float64Array.of(0.1 + 1e-9, nan), 1e-6)).toBe(true);
    expect(samePoint(Float64Array.of(0.1, nan), Float64Array.of(0.1, 0), 1e-6)).toBe(false);
    expect(samePoint(Float64Array.of(0.1, 1), Float64Array.of(0.1, 2), 1e-6)).toBe(false);
    expect(includesPoint([Float64Array.of(1), Float64Array.of(2)], Float64Array.of(2), 0)).toBe(true);
    expect(includesPoint([], Float64Array.of(2), 1)).toBe(false);
  });

  it("are found among many, as by looking at each", () => {
    const rng = createRng(1);
    // A coarse grid with inactive columns, so that many sums nearly meet.
    const draw = () =>
      Float64Array.from({ length: 4 }, (_, d) => (d > 1 && rng.uniform() < 0.3 ? nan : rng.integer(4) / 3));
    const many = Array.from({ length: 200 }, draw);
    for (const tolerance of [0, 1e-6]) {
      const set = createPointSet(many, tolerance);
      for (let i = 0; i < 500; i++) {
        const point = draw().map((value) => value + (i % 3) * 0.9e-6);
        expect(set.has(point)).toBe(includesPoint(many, point, tolerance));
      }
      expect(createPointSet([], tolerance).has(many[0])).toBe(false);
    }
  });

  it("keep their order when repetitions go", () => {
    const points = [Float64Array.of(2, nan), Float64Array.of(1, 1), Float64Array.of(2, nan)];
    expect(distinctPoints(points)).toEqual(points.slice(0, 2));
  });

  it("make a matrix, also of none", () => {
    expect(pointMatrix([Float64Array.of(1, 2), Float64Array.of(3, 4)], 2).data).toEqual(Float64Array.of(1, 2, 3, 4));
    expect(pointMatrix([], 3)).toMatchObject({ rows: 0, columns: 3 });
  });
});
