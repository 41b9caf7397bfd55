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

/** Many points, of which it is asked again and again whether one of them is a given trial. */
export interface PointSet {
  /** As {@link includesPoint}. */
  has(point: Float64Array): boolean;
}

/**
 * Points in the order of a weighted sum of their columns: two that differ by no more than the tolerance in each column have sums that differ by no more than
 * it times the weights, so that few are looked at.
 */
export function createPointSet(points: readonly Float64Array[], tolerance: number): PointSet {
  const sorted = points.map((point) => ({ point, sum: weightedSum(point) })).sort((a, b) => a.sum - b.sum);
  return {
    has(point) {
      // The weights are below 1; the rest is for rounding.
      const reach = point.length * (tolerance + 1e-9);
      const sum = weightedSum(point);
      let [low, high] = [0, sorted.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle].sum < sum - reach) low = middle + 1;
        else high = middle;
      }
      for (let i = low; i < sorted.length && sorted[i].sum <= sum + reach; i++) {
        if (samePoint(sorted[i].point, point, tolerance)) return true;
      }
      return false;
    },
  };
}

/** Weights in (0, 1) without a pattern that would let the sums of different points of a grid be equal. Inactive columns count as 0. */
function weightedSum(point: Float64Array): number {
  return point.reduce(
    (sum, value, d) => sum + (Number.isNaN(value) ? 0 : value * ((0.5 + (d + 1) * Math.SQRT2) % 1)),
    0,
  );
}

/** The points without repetitions; the first of each stays, in order. */
export function distinctPoints(points: readonly Float64Array[]): Float64Array[] {
  const seen = new Set<string>();
  return points.filter((point) => {
    const key = point.join();
    return !seen.has(key) && seen.add(key);
  });
}
