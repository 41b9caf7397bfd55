// The register tile on which everything rests: a 4 × 4 block of C updated by the product of two packed panels.
//
// A panel holds 4 rows (of A) or 4 columns (of B) over a depth k, depth-major: element (p, r) lies at (4 p + r) · 8 bytes. Eight
// accumulators of two lanes hide the latency of fused multiply-add (4 cycles, two a cycle on current x86).

/** Bytes of one depth step of a panel. */
export const STEP: usize = 32;

/** C −= A B on a 4 × 4 block of C whose rows lie `stride` bytes apart. */
export function tileSubtract(a: usize, b: usize, depth: i32, c: usize, stride: usize): void {
  let c00 = v128.load(c);
  let c01 = v128.load(c, 16);
  const r1 = c + stride;
  let c10 = v128.load(r1);
  let c11 = v128.load(r1, 16);
  const r2 = r1 + stride;
  let c20 = v128.load(r2);
  let c21 = v128.load(r2, 16);
  const r3 = r2 + stride;
  let c30 = v128.load(r3);
  let c31 = v128.load(r3, 16);
  const end = a + (<usize>depth) * STEP;
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let s = v128.load_splat<f64>(a);
    c00 = f64x2.relaxed_nmadd(s, b0, c00);
    c01 = f64x2.relaxed_nmadd(s, b1, c01);
    s = v128.load_splat<f64>(a, 8);
    c10 = f64x2.relaxed_nmadd(s, b0, c10);
    c11 = f64x2.relaxed_nmadd(s, b1, c11);
    s = v128.load_splat<f64>(a, 16);
    c20 = f64x2.relaxed_nmadd(s, b0, c20);
    c21 = f64x2.relaxed_nmadd(s, b1, c21);
    s = v128.load_splat<f64>(a, 24);
    c30 = f64x2.relaxed_nmadd(s, b0, c30);
    c31 = f64x2.relaxed_nmadd(s, b1, c31);
    a += STEP;
    b += STEP;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(r1, c10);
  v128.store(r1, c11, 16);
  v128.store(r2, c20);
  v128.store(r2, c21, 16);
  v128.store(r3, c30);
  v128.store(r3, c31, 16);
}
