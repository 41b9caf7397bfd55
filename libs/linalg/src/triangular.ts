import { createMatrix, type Matrix, squareSize } from "./matrix.ts";

/**
 * L⁻¹ B for a lower triangular L (what is above the diagonal is not read).
 *
 * @param factor - n × n
 * @param b - n × m
 * @throws {RangeError} if the shapes do not fit.
 */
export function solveLower(factor: Matrix, b: Matrix): Matrix {
  const n = checkShapes(factor, b);
  const m = b.columns;
  const l = factor.data;
  const x = b.data.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const scale = l[i * n + k]!;
      for (let j = 0; j < m; j++) x[i * m + j]! -= scale * x[k * m + j]!;
    }
    for (let j = 0; j < m; j++) x[i * m + j]! /= l[i * n + i]!;
  }
  return createMatrix(n, m, x);
}

/** L⁻ᵀ B for a lower triangular L: the second half of a solve with L Lᵀ. Shapes and errors as {@link solveLower}. */
export function solveUpper(factor: Matrix, b: Matrix): Matrix {
  const n = checkShapes(factor, b);
  const m = b.columns;
  const l = factor.data;
  const x = b.data.slice();
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < m; j++) x[i * m + j]! /= l[i * n + i]!;
    for (let k = 0; k < i; k++) {
      const scale = l[i * n + k]!;
      for (let j = 0; j < m; j++) x[k * m + j]! -= scale * x[i * m + j]!;
    }
  }
  return createMatrix(n, m, x);
}

function checkShapes(factor: Matrix, b: Matrix): number {
  const n = squareSize(factor);
  if (b.rows !== n) throw new RangeError(`the factor is ${n} × ${n}, the right-hand side has ${b.rows} rows`);
  return n;
}
