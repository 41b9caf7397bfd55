import { createMatrix, type Matrix, squareSize } from "./matrix.ts";

/**
 * The factor of L Lᵀ + v vᵀ in O(n²), by Givens rotations (Golub & Van Loan 2013, section 6.5.4).
 *
 * @param factor - n × n lower triangle L
 * @param v - n values
 * @throws {RangeError} if the sizes differ.
 */
export function rankOneUpdate(factor: Matrix, v: Float64Array): Matrix {
  const n = squareSize(factor);
  if (v.length !== n) throw new RangeError(`the factor has ${n} rows, the vector ${v.length} values`);
  const l = factor.data.slice();
  const w = v.slice();
  for (let k = 0; k < n; k++) {
    const diagonal = l[k * n + k]!;
    const radius = Math.hypot(diagonal, w[k]!);
    if (radius === 0) continue;
    const c = diagonal / radius;
    const s = w[k]! / radius;
    l[k * n + k] = radius;
    for (let i = k + 1; i < n; i++) {
      const value = l[i * n + k]!;
      l[i * n + k] = c * value + s * w[i]!;
      w[i] = c * w[i]! - s * value;
    }
  }
  return createMatrix(n, n, l);
}
