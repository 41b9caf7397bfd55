import { createMatrix, type Matrix } from "./matrix.ts";
import { blockDepth, copyIn, copyOut, padded, reserve, wasm } from "./wasm.ts";

/** A B. @throws {RangeError} if A's columns and B's rows differ in number. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  checkInner(a.columns, b.rows);
  return product(a, false, b, false, a.rows, b.columns, a.columns);
}

/** A Bᵀ. @throws {RangeError} if A and B differ in their number of columns. */
export function multiplyTransposed(a: Matrix, b: Matrix): Matrix {
  checkInner(a.columns, b.columns);
  return product(a, false, b, true, a.rows, b.rows, a.columns);
}

/** Aᵀ B. @throws {RangeError} if A and B differ in their number of rows. */
export function transposedMultiply(a: Matrix, b: Matrix): Matrix {
  checkInner(a.rows, b.rows);
  return product(a, true, b, false, a.columns, b.columns, a.rows);
}

/** AᵀA, symmetric and complete, at half the cost of a product. */
export function symmetricProduct(a: Matrix): Matrix {
  const n = a.columns;
  const width = padded(n);
  const { addresses, numbers } = reserve([padded(a.rows) * width, width * width, width * blockDepth]);
  const [pa, pc, work] = addresses as [number, number, number];
  copyIn(numbers, pa, a.data, a.rows, n);
  numbers.fill(0, pc / 8, pc / 8 + width * width);
  wasm.symmetricProduct(pa, width * 8, 0, pc, width * 8, width, padded(a.rows), work);
  const data = copyOut(numbers, pc, n, n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = 0 - data[i * n + j]!;
      data[i * n + j] = value;
      data[j * n + i] = value;
    }
  }
  return createMatrix(n, n, data);
}

function checkInner(a: number, b: number): void {
  if (a !== b) throw new RangeError(`the factors of the product have ${a} and ${b} terms`);
}

function product(
  a: Matrix,
  transposeA: boolean,
  b: Matrix,
  transposeB: boolean,
  rows: number,
  columns: number,
  inner: number,
): Matrix {
  const height = padded(rows);
  const width = padded(columns);
  const { addresses, numbers } = reserve([
    padded(a.rows) * padded(a.columns),
    padded(b.rows) * padded(b.columns),
    height * width,
    (height + width) * blockDepth,
  ]);
  const [pa, pb, pc, work] = addresses as [number, number, number, number];
  copyIn(numbers, pa, a.data, a.rows, a.columns);
  copyIn(numbers, pb, b.data, b.rows, b.columns);
  numbers.fill(0, pc / 8, pc / 8 + height * width);
  wasm.multiply(
    pa,
    padded(a.columns) * 8,
    Number(transposeA),
    pb,
    padded(b.columns) * 8,
    Number(transposeB),
    pc,
    width * 8,
    height,
    width,
    padded(inner),
    work,
  );
  const data = copyOut(numbers, pc, rows, columns);
  // The kernel subtracts; 0 − x rather than −x keeps zeros positive.
  for (let i = 0; i < data.length; i++) data[i] = 0 - data[i]!;
  return createMatrix(rows, columns, data);
}
