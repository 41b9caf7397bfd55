import { describe, expect, it } from "vitest";
import { distinctPoints, includesPoint, pointMatrix, samePoint } from "./points.ts";

describe("points", () => {
  const nan = Number.NaN;

  it("are the same within the tolerance, with the same inactive columns", () => {
    expect(samePoint(Float64Array.of(0.1, nan), Float64Array.of(0.1 + 1e-9, nan), 1e-6)).toBe(true);
    expect(samePoint(Float64Array.of(0.1, nan), Float64Array.of(0.1, 0), 1e-6)).toBe(false);
    expect(samePoint(Float64Array.of(0.1, 1), Float64Array.of(0.1, 2), 1e-6)).toBe(false);
    expect(includesPoint([Float64Array.of(1), Float64Array.of(2)], Float64Array.of(2), 0)).toBe(true);
    expect(includesPoint([], Float64Array.of(2), 1)).toBe(false);
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
