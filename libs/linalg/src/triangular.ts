import { createMatrix, type Matrix, squareSize } from "./matrix.ts";
import { blockDepth, copyIn, copyOut, padded, reserve, wasm } from "./wasm.ts";

/**
 * L⁻¹ B for a lower triangular L (what is above the diagonal is not read). A column of zeros gives zeros.
 *
 * @param factor - n × n, no zero on the diagonal
 * @param b - n × m
 * @throws {RangeError} if the shapes do not fit.
 */
export function solveLower(factor: Matrix, b: Matrix): Matrix {
  return solve(factor, b, false);
}

/** L⁻ᵀ B for a lower triangular L: the second half of a solve with L Lᵀ. Shapes and errors as {@link solveLower}. */
export function solveUpper(factor: Matrix, b: Matrix): Matrix {
  return solve(factor, b, true);
}

function solve(factor: Matrix, b: Matrix, transposed: boolean): Matrix {
  const n = squareSize(factor);
  if (b.rows !== n) throw new RangeError(`the factor is ${n} × ${n}, the right-hand side has ${b.rows} rows`);
  const m = b.columns;
  const vector = m === 1;
  const width = padded(n);
  const columns = vector ? 1 : padded(m);
  const { addresses, numbers } = reserve([width * width, width * columns, (width + columns) * blockDepth]);
  const [l, x, work] = addresses as [number, number, number];
  copyFactor(numbers, l, factor);
  if (vector) {
    numbers.set(b.data, x / 8);
    if (transposed) wasm.solveUpperVector(l, width * 8, n, x);
    else wasm.solveLowerVector(l, width * 8, n, x);
    return createMatrix(n, 1, numbers.slice(x / 8, x / 8 + n));
  }
  copyIn(numbers, x, b.data, n, m);
  if (transposed) wasm.solveUpper(l, width * 8, width, x, columns * 8, columns, work);
  else wasm.solveLower(l, width * 8, width, x, columns * 8, columns, 0, work);
  return createMatrix(n, m, copyOut(numbers, x, n, m));
}

/** (L Lᵀ)⁻¹, symmetric and complete. @param factor - n × n lower triangle. @throws {RangeError} if it is not square. */
export function inverseFromFactor(factor: Matrix): Matrix {
  const n = squareSize(factor);
  const width = padded(n);
  const { addresses, numbers } = reserve([width * width, width * width, width * width, 2 * width * blockDepth]);
  const [l, inverse, product, work] = addresses as [number, number, number, number];
  copyFactor(numbers, l, factor);
  invertLower(numbers, l, width, inverse, work);
  numbers.fill(0, product / 8, product / 8 + width * width);
  wasm.symmetricProduct(inverse, width * 8, 1, product, width * 8, width, width, work);
  const data = copyOut(numbers, product, n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = -data[i * n + j]!;
      data[i * n + j] = value;
      data[j * n + i] = value;
    }
  }
  return createMatrix(n, n, data);
}

/**
 * Writes L⁻¹ (zeros above the diagonal) to padded storage.
 *
 * @param l - address of the padded factor
 * @param work - address of room for 2 · width · blockDepth numbers
 */
export function invertLower(numbers: Float64Array, l: number, width: number, inverse: number, work: number): void {
  const start = inverse / 8;
  numbers.fill(0, start, start + width * width);
  for (let i = 0; i < width; i++) numbers[start + i * (width + 1)] = 1;
  wasm.solveLower(l, width * 8, width, inverse, width * 8, width, 1, work);
}

/** Copies a factor to padded storage, with an identity as its padding. */
export function copyFactor(numbers: Float64Array, address: number, factor: Matrix): void {
  const n = factor.rows;
  const width = padded(n);
  copyIn(numbers, address, factor.data, n, n);
  for (let i = n; i < width; i++) numbers[address / 8 + i * (width + 1)] = 1;
}
