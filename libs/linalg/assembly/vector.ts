// Operations of one vector with a triangle or with itself.

/** x ← L⁻¹ x. */
export function solveLowerVector(l: usize, stride: usize, n: i32, x: usize): void {
  for (let i = 0; i < n; i++) {
    const row = l + <usize>i * stride;
    const end = <usize>(i & ~3) << 3;
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    for (let j: usize = 0; j < end; j += 32) {
      s0 = f64x2.relaxed_madd(v128.load(row + j), v128.load(x + j), s0);
      s1 = f64x2.relaxed_madd(v128.load(row + j, 16), v128.load(x + j, 16), s1);
    }
    s0 = f64x2.add(s0, s1);
    let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
    for (let j = end; j < <usize>i << 3; j += 8) sum += load<f64>(row + j) * load<f64>(x + j);
    const at = <usize>i << 3;
    store<f64>(x + at, (load<f64>(x + at) - sum) / load<f64>(row + at));
  }
}

/** x ← L⁻ᵀ x. */
export function solveUpperVector(l: usize, stride: usize, n: i32, x: usize): void {
  for (let i = n - 1; i >= 0; i--) {
    const row = l + <usize>i * stride;
    const at = <usize>i << 3;
    const value = load<f64>(x + at) / load<f64>(row + at);
    store<f64>(x + at, value);
    const scale = f64x2.splat(value);
    const end = <usize>(i & ~1) << 3;
    for (let j: usize = 0; j < end; j += 16) v128.store(x + j, f64x2.relaxed_nmadd(scale, v128.load(row + j), v128.load(x + j)));
    if (i & 1) store<f64>(x + end, load<f64>(x + end) - value * load<f64>(row + end));
  }
}

/** The lower triangle of C ← x xᵀ, rounded up to whole tiles of 4 columns; n a multiple of 4. */
export function outerLower(x: usize, c: usize, stride: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const scale = v128.load_splat<f64>(x + (<usize>i << 3));
    const row = c + <usize>i * stride;
    const end = <usize>((i + 4) & ~3) << 3;
    for (let j: usize = 0; j < end; j += 16) v128.store(row + j, f64x2.mul(scale, v128.load(x + j)));
  }
}
