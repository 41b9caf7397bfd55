// The register tiles on which everything rests: blocks of C of 4 rows, updated by the product of two packed panels.
//
// A panel holds 4 rows (of A) or 4 columns (of B) over a depth k, depth-major: element (p, r) lies at (4 p + r) · 8 bytes. A tile takes
// one panel of A and one or two of B. Two fill 8 accumulators of 4 lanes where the engine fuses pairs of 128-bit operations into 256-bit ones
// (WIDE, given on the compiler's command line); else one panel fills 8 accumulators of 2 lanes. Eight hide the latency of fused multiply-add
// (4 cycles, two a cycle on current x86). Each element sees the same operations in the same order either way: both builds give the same bits.
//
// Every operation stands beside its neighbor of the next 16 bytes, and no load stands between the stores of two neighbors: the form that V8's
// revectorizer recognizes (--trace-wasm-revectorize tells).

/** Bytes of one depth step of a panel. */
export const STEP: usize = 32;

/**
 * C −= A B on a block of 4 rows, and of the columns of one or two panels.
 *
 * @param b - B's first panel; the second one lies `bStep` bytes further
 * @param panels - 1 or 2
 * @param c - the block's first element in the columns of the first panel; rows lie `stride` bytes apart
 * @param cStep - bytes from an element to the same one in the columns of the second panel
 */
export function tileSubtract(
  a: usize, b: usize, bStep: usize, panels: i32, depth: i32, c: usize, stride: usize, cStep: usize,
): void {
  if (panels == 1) return narrowTile(a, b, depth, c, stride);
  if (WIDE) return wideTile(a, b, b + bStep, depth, c, c + cStep, stride);
  narrowTile(a, b, depth, c, stride);
  narrowTile(a, b + bStep, depth, c + cStep, stride);
}

function narrowTile(a: usize, b: usize, depth: i32, c: usize, stride: usize): void {
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

function wideTile(a: usize, b: usize, d: usize, depth: i32, c: usize, e: usize, stride: usize): void {
  let p00 = v128.load(c), p01 = v128.load(c, 16), q00 = v128.load(e), q01 = v128.load(e, 16);
  const c1 = c + stride, e1 = e + stride;
  let p10 = v128.load(c1), p11 = v128.load(c1, 16), q10 = v128.load(e1), q11 = v128.load(e1, 16);
  const c2 = c1 + stride, e2 = e1 + stride;
  let p20 = v128.load(c2), p21 = v128.load(c2, 16), q20 = v128.load(e2), q21 = v128.load(e2, 16);
  const c3 = c2 + stride, e3 = e2 + stride;
  let p30 = v128.load(c3), p31 = v128.load(c3, 16), q30 = v128.load(e3), q31 = v128.load(e3, 16);
  const end = a + (<usize>depth) * STEP;
  while (a < end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), d0 = v128.load(d), d1 = v128.load(d, 16);
    let s = v128.load_splat<f64>(a);
    p00 = f64x2.relaxed_nmadd(s, b0, p00); p01 = f64x2.relaxed_nmadd(s, b1, p01);
    q00 = f64x2.relaxed_nmadd(s, d0, q00); q01 = f64x2.relaxed_nmadd(s, d1, q01);
    s = v128.load_splat<f64>(a, 8);
    p10 = f64x2.relaxed_nmadd(s, b0, p10); p11 = f64x2.relaxed_nmadd(s, b1, p11);
    q10 = f64x2.relaxed_nmadd(s, d0, q10); q11 = f64x2.relaxed_nmadd(s, d1, q11);
    s = v128.load_splat<f64>(a, 16);
    p20 = f64x2.relaxed_nmadd(s, b0, p20); p21 = f64x2.relaxed_nmadd(s, b1, p21);
    q20 = f64x2.relaxed_nmadd(s, d0, q20); q21 = f64x2.relaxed_nmadd(s, d1, q21);
    s = v128.load_splat<f64>(a, 24);
    p30 = f64x2.relaxed_nmadd(s, b0, p30); p31 = f64x2.relaxed_nmadd(s, b1, p31);
    q30 = f64x2.relaxed_nmadd(s, d0, q30); q31 = f64x2.relaxed_nmadd(s, d1, q31);
    a += STEP;
    b += STEP;
    d += STEP;
  }
  v128.store(c, p00); v128.store(c, p01, 16);
  v128.store(e, q00); v128.store(e, q01, 16);
  v128.store(c1, p10); v128.store(c1, p11, 16);
  v128.store(e1, q10); v128.store(e1, q11, 16);
  v128.store(c2, p20); v128.store(c2, p21, 16);
  v128.store(e2, q20); v128.store(e2, q21, 16);
  v128.store(c3, p30); v128.store(c3, p31, 16);
  v128.store(e3, q30); v128.store(e3, q31, 16);
}
