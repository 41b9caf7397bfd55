// Products in blocks of the inner dimension. Results are subtracted from C, which is what factorizations need; a caller that wants
// the product itself starts from zero and flips the sign when it copies the result.

import { packColumns, packRows } from "./pack";
import { DENSE, DEPTH, update, updateLower } from "./update";

/**
 * C −= op(A) op(B), C of rows × columns, with `inner` terms; all multiples of 4. op transposes where the flag is nonzero.
 *
 * @param work - room for (rows + columns) · DEPTH numbers
 */
export function multiply(
  a: usize, aStride: usize, transposeA: i32,
  b: usize, bStride: usize, transposeB: i32,
  c: usize, cStride: usize,
  rows: i32, columns: i32, inner: i32, work: usize,
): void {
  const right = work + <usize>rows * <usize>DEPTH * 8;
  for (let k = 0; k < inner; k += DEPTH) {
    const depth = min(DEPTH, inner - k);
    if (transposeA) packColumns(a + <usize>k * aStride, aStride, depth, rows, work);
    else packRows(a + (<usize>k << 3), aStride, rows, depth, work);
    if (transposeB) packRows(b + (<usize>k << 3), bStride, columns, depth, right);
    else packColumns(b + <usize>k * bStride, bStride, depth, columns, right);
    update(work, right, depth, c, cStride, rows, columns, DENSE);
  }
}

/**
 * The lower triangle of C −= AᵀA, A of inner × n (multiples of 4).
 *
 * @param staircase - nonzero where row i of A is zero beyond column i (a lower triangle): terms that are zero are left out
 * @param work - room for n · DEPTH numbers
 */
export function symmetricProduct(a: usize, aStride: usize, staircase: i32, c: usize, cStride: usize, n: i32, inner: i32, work: usize): void {
  for (let k = 0; k < inner; k += DEPTH) {
    const depth = min(DEPTH, inner - k);
    const columns = staircase ? min(n, k + depth) : n;
    packColumns(a + <usize>k * aStride, aStride, depth, columns, work);
    updateLower(work, depth, c, cStride, columns, staircase ? k : DENSE);
  }
}
