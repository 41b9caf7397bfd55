import { createMatrix, type Matrix } from "./matrix.ts";

/** A B. @throws {RangeError} if A's columns and B's rows differ in number. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw new RangeError(`cannot multiply by ${b.rows} rows a matrix of ${a.columns} columns`);
  const result = createMatrix(a.rows, b.columns);
  const m = b.columns;
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.columns; k++) {
      const scale = a.data[i * a.columns + k]!;
      for (let j = 0; j < m; j++) result.data[i * m + j]! += scale * b.data[k * m + j]!;
    }
  }
  return result;
}
