import { createRng } from "@superbatch/random";
import { Matrix as MlMatrix } from "ml-matrix";
import { createMatrix, type Matrix } from "./matrix.ts";

/** A random matrix with standard normal elements. */
export function randomMatrix(rows: number, columns: number, seed: number): Matrix {
  const rng = createRng(seed);
  return createMatrix(
    rows,
    columns,
    new Float64Array(rows * columns).map(() => rng.normal()),
  );
}

/** A well-conditioned positive definite matrix. */
export function randomPositive(n: number, seed: number): Matrix {
  const a = toMl(randomMatrix(n, n, seed));
  return fromMl(a.mmul(a.transpose()).div(Math.max(n, 1)).add(MlMatrix.eye(n)));
}

export function toMl(a: Matrix): MlMatrix {
  return MlMatrix.from1DArray(a.rows, a.columns, Array.from(a.data));
}

export function fromMl(a: MlMatrix): Matrix {
  return createMatrix(a.rows, a.columns, Float64Array.from(a.to1DArray()));
}

/** The largest absolute difference of two matrices of one shape; NaN if any element is NaN. */
export function distance(a: Matrix, b: Matrix): number {
  if (a.rows !== b.rows || a.columns !== b.columns) return Number.POSITIVE_INFINITY;
  return a.data.reduce((largest, value, i) => {
    const difference = Math.abs(value - b.data[i]!);
    return difference > largest || Number.isNaN(difference) ? difference : largest;
  }, 0);
}
