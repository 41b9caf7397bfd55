import { createMatrix, type Matrix } from "@superbatch/linalg";

/** The matrix whose rows are these encoded points; none give a 0 × `columns` matrix. */
export function pointMatrix(points: readonly Float64Array[], columns: number): Matrix {
  const matrix = createMatrix(points.length, columns);
  for (let i = 0; i < points.length; i++) matrix.data.set(points[i], i * columns);
  return matrix;
}

/**
 * Whether two encoded points are the same trial: no column differs by more than `tolerance`, and the same columns are inactive (NaN).
 */
export function samePoint(a: Float64Array, b: Float64Array, tolerance: number): boolean {
  for (let d = 0; d < a.length; d++) {
    if (Number.isNaN(a[d]) !== Number.isNaN(b[d])) return false;
    if (Math.abs(a[d] - b[d]) > tolerance) return false;
  }
  return true;
}

/** Whether one of `others` is the same trial as `point`. */
export function includesPoint(others: readonly Float64Array[], point: Float64Array, tolerance: number): boolean {
  return others.some((other) => samePoint(other, point, tolerance));
}

/** The points without repetitions; the first of each stays, in order. */
export function distinctPoints(points: readonly Float64Array[]): Float64Array[] {
  const seen = new Set<string>();
  return points.filter((point) => {
    const key = point.join();
    return !seen.has(key) && seen.add(key);
  });
}
