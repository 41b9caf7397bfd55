// Rank-k updates of a whole matrix, tile by tile.

import { STEP, tileSubtract } from "./tile";

/** Depth of a panel: how many columns a block step of a factorization takes. */
export const DEPTH: i32 = 64;

/** Columns per pass: their panels (16 kB at depth 64) stay in the first-level cache while all rows stream by. */
const PASS: i32 = 32;

/** No staircase: every panel is dense. */
export const DENSE: i32 = i32.MAX_VALUE;

/**
 * C −= A B: `a` holds the panels of C's rows, `b` those of its columns.
 *
 * @param stair - column s + q of B is zero above depth q (s = stair): those terms are left out. DENSE: none are.
 */
export function update(a: usize, b: usize, depth: i32, c: usize, stride: usize, rows: i32, columns: i32, stair: i32): void {
  const panel = <usize>depth * STEP;
  for (let pass = 0; pass < columns; pass += PASS) {
    const end = min(pass + PASS, columns);
    for (let i = 0; i < rows; i += 4) {
      const pa = a + <usize>(i >> 2) * panel;
      const row = c + <usize>i * stride;
      for (let j = pass; j < end; j += 8) {
        const first = max(0, j - stair);
        const skip = <usize>first * STEP;
        const panels = min(2, (end - j) >> 2);
        tileSubtract(pa + skip, b + <usize>(j >> 2) * panel + skip, panel, panels, depth - first, row + (<usize>j << 3), stride, STEP);
      }
    }
  }
}

/**
 * The lower triangle of C −= P Pᵀ (and a few elements above the diagonal): `p` holds panels of n rows.
 *
 * @param stair - row s + q of P is zero before depth q (s = stair), as in update.
 */
export function updateLower(p: usize, depth: i32, c: usize, stride: usize, n: i32, stair: i32): void {
  const panel = <usize>depth * STEP;
  for (let pass = 0; pass < n; pass += PASS) {
    for (let i = pass; i < n; i += 4) {
      const first = max(0, i - stair);
      const skip = <usize>first * STEP;
      const pa = p + <usize>(i >> 2) * panel + skip;
      const row = c + <usize>i * stride;
      const end = min(pass + PASS, i + 4);
      for (let j = pass; j < end; j += 8) {
        const panels = min(2, (end - j) >> 2);
        tileSubtract(pa, p + <usize>(j >> 2) * panel + skip, panel, panels, depth - first, row + (<usize>j << 3), stride, STEP);
      }
    }
  }
}
