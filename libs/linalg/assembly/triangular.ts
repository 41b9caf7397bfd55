// Solves with a lower triangular L and many right-hand sides, in blocks: a block of rows is solved inside its packed panels (lanes are
// right-hand sides), then the rest is updated by a product.

import { packColumns, packRows, unpackColumns } from "./pack";
import { STEP, tileSubtract } from "./tile";
import { DENSE, DEPTH, update } from "./update";

/**
 * X = L⁻¹ B in place. n and m are multiples of 4.
 *
 * @param staircase - nonzero where row i of B is zero beyond column i (as for an identity): columns that stay zero are left out
 * @param work - room for (n + m) · DEPTH numbers
 */
export function solveLower(l: usize, lStride: usize, n: i32, b: usize, bStride: usize, m: i32, staircase: i32, work: usize): void {
  const right = work + <usize>n * <usize>DEPTH * 8;
  for (let k = 0; k < n; k += DEPTH) {
    const depth = min(DEPTH, n - k);
    const columns = staircase ? min(m, k + depth) : m;
    const panel = <usize>depth * STEP;
    const block = b + <usize>k * bStride;
    packRows(l + <usize>k * lStride + (<usize>k << 3), lStride, n - k, depth, work);
    packColumns(block, bStride, depth, columns, right);
    for (let j = 0; j < columns; j += 8) {
      const x = right + <usize>(j >> 2) * panel;
      const panels = min(2, (columns - j) >> 2);
      const first = staircase ? max(0, j - k) : 0;
      const skip = <usize>first * STEP;
      for (let i = first; i < depth; i += 4) {
        const rows = work + <usize>(i >> 2) * panel;
        const at = x + <usize>i * STEP;
        tileSubtract(rows + skip, x + skip, panel, panels, i - first, at, STEP, panel);
        forward(rows + <usize>i * STEP, at);
        if (panels == 2) forward(rows + <usize>i * STEP, at + panel);
      }
    }
    unpackColumns(right, block, bStride, depth, columns);
    const below = work + <usize>(depth >> 2) * panel;
    update(below, right, depth, block + <usize>depth * bStride, bStride, n - k - depth, columns, staircase ? k : DENSE);
  }
}

/** X = L⁻ᵀ B in place. Sizes and room as solveLower. */
export function solveUpper(l: usize, lStride: usize, n: i32, b: usize, bStride: usize, m: i32, work: usize): void {
  const right = work + <usize>n * <usize>DEPTH * 8;
  for (let end = n; end > 0; ) {
    const depth = ((end - 1) % DEPTH) + 1;
    const k = end - depth;
    const panel = <usize>depth * STEP;
    const block = b + <usize>k * bStride;
    // Rows of Lᵀ are columns of L, so its panels are column panels.
    packColumns(l + <usize>k * lStride, lStride, depth, end, work);
    packColumns(block, bStride, depth, m, right);
    for (let j = 0; j < m; j += 8) {
      const x = right + <usize>(j >> 2) * panel;
      const panels = min(2, (m - j) >> 2);
      for (let i = depth - 4; i >= 0; i -= 4) {
        const rows = work + <usize>((k + i) >> 2) * panel;
        const done = <usize>(i + 4) * STEP;
        const at = x + <usize>i * STEP;
        tileSubtract(rows + done, x + done, panel, panels, depth - i - 4, at, STEP, panel);
        backward(rows + <usize>i * STEP, at);
        if (panels == 2) backward(rows + <usize>i * STEP, at + panel);
      }
    }
    unpackColumns(right, block, bStride, depth, m);
    update(work, right, depth, b, bStride, k, m, DENSE);
    end = k;
  }
}

/** The 4 × 4 solve L X = T: element (row r, depth p) of L at (4 p + r) · 8, row r of T at 32 r. */
function forward(l: usize, x: usize): void {
  for (let r: usize = 0; r < 4; r++) {
    let x0 = v128.load(x + 32 * r);
    let x1 = v128.load(x + 32 * r, 16);
    for (let p: usize = 0; p < r; p++) {
      const s = v128.load_splat<f64>(l + 32 * p + 8 * r);
      x0 = f64x2.relaxed_nmadd(s, v128.load(x + 32 * p), x0);
      x1 = f64x2.relaxed_nmadd(s, v128.load(x + 32 * p, 16), x1);
    }
    const inverse = f64x2.splat(1 / load<f64>(l + 40 * r));
    v128.store(x + 32 * r, f64x2.mul(x0, inverse));
    v128.store(x + 32 * r, f64x2.mul(x1, inverse), 16);
  }
}

/** The 4 × 4 solve Lᵀ X = T: element (row r, depth p) of Lᵀ, nonzero for p ≥ r, at (4 p + r) · 8. */
function backward(l: usize, x: usize): void {
  for (let r: usize = 4; r-- > 0; ) {
    let x0 = v128.load(x + 32 * r);
    let x1 = v128.load(x + 32 * r, 16);
    for (let p: usize = r + 1; p < 4; p++) {
      const s = v128.load_splat<f64>(l + 32 * p + 8 * r);
      x0 = f64x2.relaxed_nmadd(s, v128.load(x + 32 * p), x0);
      x1 = f64x2.relaxed_nmadd(s, v128.load(x + 32 * p, 16), x1);
    }
    const inverse = f64x2.splat(1 / load<f64>(l + 40 * r));
    v128.store(x + 32 * r, f64x2.mul(x0, inverse));
    v128.store(x + 32 * r, f64x2.mul(x1, inverse), 16);
  }
}
