/** A dense matrix of float64 in row-major order: element (i, j) is `data[i * columns + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows · columns values. */
  readonly data: Float64Array;
}
