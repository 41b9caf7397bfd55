/** A dense matrix of float64 in row-major order: element (i, j) is `data[i * columns + j]`. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** rows · columns values. */
  readonly data: Float64Array;
}

/**
 * A matrix over `data`, which is not copied; zeros if it is left out.
 *
 * @throws {RangeError} if a size is not a whole number of at least 0, or `data` does not hold rows · columns values.
 */
export function createMatrix(rows: number, columns: number, data?: Float64Array): Matrix {
  if (!Number.isSafeInteger(rows) || rows < 0) throw new RangeError(`rows must be a whole number, not ${rows}`);
  if (!Number.isSafeInteger(columns) || columns < 0) {
    throw new RangeError(`columns must be a whole number, not ${columns}`);
  }
  if (data && data.length !== rows * columns) {
    throw new RangeError(`${rows} × ${columns} values are needed, not ${data.length}`);
  }
  return { rows, columns, data: data ?? new Float64Array(rows * columns) };
}

/** The matrix of these rows, copied. @throws {RangeError} if the rows differ in length. */
export function matrixFromRows(rows: readonly (readonly number[] | Float64Array)[]): Matrix {
  const columns = rows[0]?.length ?? 0;
  const matrix = createMatrix(rows.length, columns);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row.length !== columns) throw new RangeError(`row ${i} has ${row.length} values, row 0 has ${columns}`);
    matrix.data.set(row, i * columns);
  }
  return matrix;
}

/** Aᵀ, copied. */
export function transpose(a: Matrix): Matrix {
  const result = createMatrix(a.columns, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) result.data[j * a.rows + i] = a.data[i * a.columns + j]!;
  }
  return result;
}

/** The number of rows of a square matrix. @throws {RangeError} if it is not square. */
export function squareSize(a: Matrix): number {
  if (a.rows !== a.columns) throw new RangeError(`a square matrix is needed, not ${a.rows} × ${a.columns}`);
  return a.rows;
}
