// Right-looking blocked Cholesky factorization (lower triangle, row-major). Each block column is factored inside its packed panels, in
// which a row panel's 4 rows are the lanes, and the panels then serve the update of the rest as both factors of the product.

import { packRows, unpackRows } from "./pack";
import { STEP, tileSubtract } from "./tile";
import { DENSE, DEPTH, updateLower } from "./update";

/**
 * Overwrites the lower triangle of A (n × n, n a multiple of 4) by its factor; what is above the diagonal is left undefined.
 *
 * @param work - room for n · DEPTH numbers
 * @returns 0, or 1 as soon as a pivot is not above `floor` (A is then destroyed)
 */
export function cholesky(a: usize, n: i32, stride: usize, floor: f64, work: usize): i32 {
  for (let k = 0; k < n; k += DEPTH) {
    const depth = min(DEPTH, n - k);
    const rows = n - k;
    const corner = a + <usize>k * stride + (<usize>k << 3);
    const panel = <usize>depth * STEP;
    packRows(corner, stride, rows, depth, work);
    for (let j = 0; j < depth; j += 4) {
      if (factorDiagonal(work + <usize>(j >> 2) * panel, j, floor)) return 1;
      for (let i = j + 4; i < depth; i += 8) {
        solveTiles(work + <usize>(j >> 2) * panel, work + <usize>(i >> 2) * panel, panel, min(2, (depth - i) >> 2), j);
      }
    }
    for (let i = depth; i < rows; i += 8) {
      const below = work + <usize>(i >> 2) * panel;
      const panels = min(2, (rows - i) >> 2);
      for (let j = 0; j < depth; j += 4) solveTiles(work + <usize>(j >> 2) * panel, below, panel, panels, j);
    }
    unpackRows(work, corner, stride, rows, depth);
    if (rows > depth) {
      const below = work + <usize>(depth >> 2) * panel;
      updateLower(below, depth, corner + <usize>depth * stride + (<usize>depth << 3), stride, rows - depth, DENSE);
    }
  }
  return 0;
}

/** The 4 × 4 diagonal block of panel `p` at depth `j`: everything before it in the panel is final. */
function factorDiagonal(p: usize, j: i32, floor: f64): i32 {
  const at = p + <usize>j * STEP;
  tileSubtract(p, p, 0, 1, j, at, STEP, 0);
  // Element (row r, column c) lies at (4 c + r) · 8.
  for (let c: usize = 0; c < 4; c++) {
    let pivot = load<f64>(at + 40 * c);
    for (let q: usize = 0; q < c; q++) {
      const l = load<f64>(at + 32 * q + 8 * c);
      pivot -= l * l;
    }
    if (!(pivot > floor)) return 1;
    const root = sqrt(pivot);
    store<f64>(at + 40 * c, root);
    for (let r: usize = 0; r < c; r++) store<f64>(at + 32 * c + 8 * r, 0);
    for (let r: usize = c + 1; r < 4; r++) {
      let value = load<f64>(at + 32 * c + 8 * r);
      for (let q: usize = 0; q < c; q++) value -= load<f64>(at + 32 * q + 8 * r) * load<f64>(at + 32 * q + 8 * c);
      store<f64>(at + 32 * c + 8 * r, value / root);
    }
  }
  return 0;
}

/** Columns j … j + 3 of one or two row panels from `p` on, given the final panel `d` of the rows of the same numbers: X Lᵀ = A − (what is before). */
function solveTiles(d: usize, p: usize, panel: usize, panels: i32, j: i32): void {
  const at = p + <usize>j * STEP;
  const l = d + <usize>j * STEP;
  tileSubtract(d, p, panel, panels, j, at, STEP, panel);
  solveTile(l, at);
  if (panels == 2) solveTile(l, at + panel);
}

/** X Lᵀ = A for a 4 × 4 tile at `at` whose lanes are rows, and the diagonal tile L at `l`. */
function solveTile(l: usize, at: usize): void {
  let inverse = f64x2.splat(1 / load<f64>(l));
  const x00 = f64x2.mul(v128.load(at), inverse);
  const x01 = f64x2.mul(v128.load(at, 16), inverse);
  v128.store(at, x00);
  v128.store(at, x01, 16);
  inverse = f64x2.splat(1 / load<f64>(l, 40));
  let s = v128.load_splat<f64>(l, 8);
  const x10 = f64x2.mul(f64x2.relaxed_nmadd(s, x00, v128.load(at, 32)), inverse);
  const x11 = f64x2.mul(f64x2.relaxed_nmadd(s, x01, v128.load(at, 48)), inverse);
  v128.store(at, x10, 32);
  v128.store(at, x11, 48);
  inverse = f64x2.splat(1 / load<f64>(l, 80));
  s = v128.load_splat<f64>(l, 16);
  let x20 = f64x2.relaxed_nmadd(s, x00, v128.load(at, 64));
  let x21 = f64x2.relaxed_nmadd(s, x01, v128.load(at, 80));
  s = v128.load_splat<f64>(l, 48);
  x20 = f64x2.mul(f64x2.relaxed_nmadd(s, x10, x20), inverse);
  x21 = f64x2.mul(f64x2.relaxed_nmadd(s, x11, x21), inverse);
  v128.store(at, x20, 64);
  v128.store(at, x21, 80);
  inverse = f64x2.splat(1 / load<f64>(l, 120));
  s = v128.load_splat<f64>(l, 24);
  let x30 = f64x2.relaxed_nmadd(s, x00, v128.load(at, 96));
  let x31 = f64x2.relaxed_nmadd(s, x01, v128.load(at, 112));
  s = v128.load_splat<f64>(l, 56);
  x30 = f64x2.relaxed_nmadd(s, x10, x30);
  x31 = f64x2.relaxed_nmadd(s, x11, x31);
  s = v128.load_splat<f64>(l, 88);
  x30 = f64x2.mul(f64x2.relaxed_nmadd(s, x20, x30), inverse);
  x31 = f64x2.mul(f64x2.relaxed_nmadd(s, x21, x31), inverse);
  v128.store(at, x30, 96);
  v128.store(at, x31, 112);
}
