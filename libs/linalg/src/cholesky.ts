import { createMatrix, type Matrix, squareSize, transpose } from "./matrix.ts";
import { multiplyTransposed } from "./product.ts";
import { solveLower } from "./triangular.ts";
import { blockDepth, padded, reserve, wasm } from "./wasm.ts";

/** A Cholesky factor, and what had to be added to the diagonal to obtain it. */
export interface CholeskyFactor {
  /** n × n lower triangle L with L Lᵀ = A + jitter · I; zeros above the diagonal. */
  readonly factor: Matrix;
  /** What was added to each diagonal element, in A's units; 0 where A was numerically positive definite. */
  readonly jitter: number;
}

/**
 * The jitters to try in turn: none, then 1e-12 of the largest diagonal element, then ten times more each time. Finite input
 * needs at most as much as its largest eigenvalue.
 *
 * @param scale - the largest absolute diagonal element, above 0
 */
export function* jitters(scale: number): Generator<number, never> {
  yield 0;
  for (let jitter = scale * 1e-12; ; jitter *= 10) yield jitter;
}

/**
 * Cholesky factor of a symmetric matrix, of which only the lower triangle is read. Where the matrix is not numerically positive
 * definite (a pivot falls below round-off of the largest diagonal element), a jitter is added to the diagonal and grows until the
 * factorization succeeds ({@link jitters}), so that finite input never fails.
 *
 * @throws {RangeError} if the matrix is not square or has a value that is not finite in its lower triangle.
 */
export function cholesky(a: Matrix): CholeskyFactor {
  const scale = diagonalScale(a);
  return factorize(a, scale, scale * Number.EPSILON);
}

/**
 * @param scale - of the diagonal elements, in which jitters are tried
 * @param leastPivot - what a pivot must exceed
 */
function factorize(a: Matrix, scale: number, leastPivot: number): CholeskyFactor {
  const n = squareSize(a);
  const width = padded(n);
  const { addresses, numbers } = reserve([width * width, width * blockDepth]);
  const [address, work] = addresses as [number, number];
  const start = address / 8;
  for (const jitter of jitters(scale)) {
    copyLower(a.data, n, n, 0, numbers, width, start);
    numbers.fill(0, start + n * width, start + width * width);
    for (let i = 0; i < n; i++) numbers[start + i * (width + 1)]! += jitter;
    // Padding is an identity, in the matrix's own scale so that its pivots pass.
    for (let i = n; i < width; i++) numbers[start + i * (width + 1)] = scale;
    if (wasm.cholesky(address, width, width * 8, leastPivot, work) === 0) {
      const data = new Float64Array(n * n);
      copyLower(numbers, n, width, start, data, n, 0);
      return { factor: createMatrix(n, n, data), jitter };
    }
    // A value that is not finite makes its row's pivot fail, so that only a failure needs a look at all of them.
    if (jitter === 0) checkLower(a);
  }
  throw new Error("unreachable: jitters never end");
}

/** The largest absolute diagonal element, or 1 if all are zero. @throws {RangeError} if one is not finite. */
function diagonalScale(a: Matrix): number {
  const n = a.rows;
  let scale = 0;
  for (let i = 0; i < n; i++) {
    const value = a.data[i * n + i]!;
    if (!Number.isFinite(value)) throw new RangeError(`element (${i}, ${i}) is ${value}`);
    scale = Math.max(scale, Math.abs(value));
  }
  return scale > 0 ? scale : 1;
}

function checkLower(a: Matrix): void {
  const n = a.rows;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      if (!Number.isFinite(a.data[i * n + j]!)) throw new RangeError(`element (${i}, ${j}) is ${a.data[i * n + j]}`);
    }
  }
}

/** Copies the lower triangle of n rows that lie `fromStride` apart to rows `toStride` apart. */
function copyLower(
  from: Float64Array,
  n: number,
  fromStride: number,
  fromStart: number,
  to: Float64Array,
  toStride: number,
  toStart: number,
): void {
  for (let i = 0; i < n; i++) {
    const source = fromStart + i * fromStride;
    const target = toStart + i * toStride;
    if (i > 32) to.set(from.subarray(source, source + i + 1), target);
    else for (let j = 0; j <= i; j++) to[target + j] = from[source + j]!;
  }
}

/** log |L Lᵀ| = 2 Σ log L_ii. */
export function logDeterminant(factor: Matrix): number {
  const n = squareSize(factor);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(factor.data[i * n + i]!);
  return 2 * sum;
}

/**
 * What an appended row must add, relative to its own diagonal element. Less is round-off of the elements that it remains of after subtraction, magnified by the
 * weights with which the other rows explain it; a factor with such a pivot gives solutions that are off by any amount.
 */
const leastAddition = 1e-12;

/**
 * The factor of [[A, B], [Bᵀ, C]] from that of A (n × n), in O(n² m): m rows are appended. Rows that add next to nothing get a jitter, as in {@link cholesky}.
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
  const rows = transpose(solveLower(factor, cross));
  const reduction = multiplyTransposed(rows, rows);
  const schur = corner.data.map((value, i) => value - reduction.data[i]!);
  const scale = diagonalScale(corner);
  const { factor: block, jitter } = factorize(createMatrix(m, m, schur), scale, scale * leastAddition);
  const result = createMatrix(n + m, n + m);
  for (let i = 0; i < n; i++) result.data.set(factor.data.subarray(i * n, i * n + n), i * (n + m));
  for (let i = 0; i < m; i++) {
    result.data.set(rows.data.subarray(i * n, i * n + n), (n + i) * (n + m));
    result.data.set(block.data.subarray(i * m, i * m + m), (n + i) * (n + m) + n);
  }
  return { factor: result, jitter };
}
