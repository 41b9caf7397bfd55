import { createMatrix, type Matrix, squareSize, transpose } from "./matrix.ts";
import { multiply } from "./product.ts";
import { solveLower } from "./triangular.ts";

/** A Cholesky factor, and what had to be added to the diagonal to obtain it. */
export interface CholeskyFactor {
  /** n × n lower triangle L with L Lᵀ = A + jitter · I; zeros above the diagonal. */
  readonly factor: Matrix;
  /** What was added to each diagonal element, in A's units; 0 where A was numerically positive definite. */
  readonly jitter: number;
}

/**
 * Cholesky factor of a symmetric matrix, of which only the lower triangle is read. Where the matrix is not numerically positive
 * definite (a pivot falls below round-off of the largest diagonal element), a jitter is added to the diagonal: first 1e-12 of
 * the largest diagonal element, then ten times more until the factorization succeeds, so that finite input never fails.
 *
 * @throws {RangeError} if the matrix is not square or has a value that is not finite in its lower triangle.
 */
export function cholesky(a: Matrix): CholeskyFactor {
  const n = squareSize(a);
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs(a.data[i * n + i]!));
  if (scale === 0) scale = 1;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      if (!Number.isFinite(a.data[i * n + j]!)) throw new RangeError(`element (${i}, ${j}) is ${a.data[i * n + j]}`);
    }
  }
  const factor = createMatrix(n, n);
  for (let jitter = 0; ; jitter = jitter === 0 ? scale * 1e-12 : jitter * 10) {
    if (factorize(a.data, factor.data, n, jitter, scale * Number.EPSILON)) return { factor, jitter };
  }
}

/** Writes L of A + jitter · I, or answers false as soon as a pivot is not above `floor`. */
function factorize(a: Float64Array, l: Float64Array, n: number, jitter: number, floor: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i !== j) {
        l[i * n + j] = sum / l[j * n + j]!;
        continue;
      }
      const pivot = sum + jitter;
      if (!(pivot > floor)) return false;
      l[i * n + i] = Math.sqrt(pivot);
    }
  }
  return true;
}

/** log |L Lᵀ| = 2 Σ log L_ii. */
export function logDeterminant(factor: Matrix): number {
  const n = squareSize(factor);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(factor.data[i * n + i]!);
  return 2 * sum;
}

/**
 * The factor of [[A, B], [Bᵀ, C]] from that of A (n × n), in O(n² m): m rows are appended.
 *
 * @param cross - n × m: B
 * @param corner - m × m: C, of which the lower triangle is read
 * @returns the (n + m) × (n + m) factor; `jitter` is what was added to C's diagonal alone.
 * @throws {RangeError} if shapes do not fit or a value is not finite.
 */
export function appendRows(factor: Matrix, cross: Matrix, corner: Matrix): CholeskyFactor {
  const n = squareSize(factor);
  const m = squareSize(corner);
  if (cross.columns !== m) throw new RangeError(`the cross block has ${cross.columns} columns, the corner ${m}`);
  const projection = solveLower(factor, cross);
  const rows = transpose(projection);
  const reduction = multiply(rows, projection);
  const schur = createMatrix(
    m,
    m,
    corner.data.map((value, i) => value - reduction.data[i]!),
  );
  const { factor: block, jitter } = cholesky(schur);
  const result = createMatrix(n + m, n + m);
  for (let i = 0; i < n; i++) result.data.set(factor.data.subarray(i * n, i * n + n), i * (n + m));
  for (let i = 0; i < m; i++) {
    result.data.set(rows.data.subarray(i * n, i * n + n), (n + i) * (n + m));
    result.data.set(block.data.subarray(i * m, i * m + m), (n + i) * (n + m) + n);
  }
  return { factor: result, jitter };
}
