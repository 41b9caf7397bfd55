// exp and log on two lanes.

/** exp(x) for x ≤ 709, relative error below 3e-16; arguments below −708 count as −708. */
// @ts-ignore: decorator
@inline
export function exp2lanes(argument: v128): v128 {
  const x = f64x2.max(argument, f64x2.splat(-708));
  // x = n log 2 + r with |r| ≤ log(2)/2. Adding 1.5 · 2^52 rounds, and leaves n in the low bits.
  const shift = f64x2.splat(6755399441055744);
  const shifted = f64x2.relaxed_madd(x, f64x2.splat(1.4426950408889634), shift);
  const n = f64x2.sub(shifted, shift);
  let r = f64x2.relaxed_nmadd(n, f64x2.splat(0.6931471803691238), x);
  r = f64x2.relaxed_nmadd(n, f64x2.splat(1.9082149292705877e-10), r);
  // Taylor's series to degree 13, in two halves (Estrin) to shorten the chain.
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const p01 = f64x2.add(r, f64x2.splat(1));
  const p23 = f64x2.relaxed_madd(r, f64x2.splat(1 / 6.0), f64x2.splat(0.5));
  const p45 = f64x2.relaxed_madd(r, f64x2.splat(1 / 120.0), f64x2.splat(1 / 24.0));
  const p67 = f64x2.relaxed_madd(r, f64x2.splat(1 / 5040.0), f64x2.splat(1 / 720.0));
  const p89 = f64x2.relaxed_madd(r, f64x2.splat(1 / 362880.0), f64x2.splat(1 / 40320.0));
  const pab = f64x2.relaxed_madd(r, f64x2.splat(1 / 39916800.0), f64x2.splat(1 / 3628800.0));
  const pcd = f64x2.relaxed_madd(r, f64x2.splat(1 / 6227020800.0), f64x2.splat(1 / 479001600.0));
  const high = f64x2.relaxed_madd(r4, pcd, f64x2.relaxed_madd(r2, pab, p89));
  const middle = f64x2.relaxed_madd(r2, p67, p45);
  const low = f64x2.relaxed_madd(r2, p23, p01);
  const result = f64x2.relaxed_madd(r4, f64x2.relaxed_madd(r4, high, middle), low);
  return i64x2.add(result, i64x2.shl(shifted, 52));
}

/** log(x) for normal positive x, relative error below 1e-15 away from 1 (absolute near 1). */
// @ts-ignore: decorator
@inline
export function log2lanes(x: v128): v128 {
  // x = 2^n m with m in [√½, √2): subtracting the bits of √½ first makes the exponent come out right.
  const offset = i64x2.splat(0x3fe6a09e667f3bcd);
  const moved = i64x2.sub(x, offset);
  const exponent = i64x2.shr_s(moved, 52);
  const m = i64x2.add(v128.and(moved, i64x2.splat(0x000fffffffffffff)), offset);
  // The exponent is small: its float64 value by the magic number.
  const magic = f64x2.splat(6755399441055744);
  const n = f64x2.sub(i64x2.add(exponent, magic), magic);
  // log m = 2 atanh(t), t = (m − 1)/(m + 1), |t| < 0.1716.
  const one = f64x2.splat(1);
  const t = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const t2 = f64x2.mul(t, t);
  let series = f64x2.splat(1 / 21.0);
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 19.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 17.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 15.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 13.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 11.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 9.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 7.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 5.0));
  series = f64x2.relaxed_madd(series, t2, f64x2.splat(1 / 3.0));
  series = f64x2.relaxed_madd(series, t2, one);
  const double = f64x2.add(t, t);
  return f64x2.relaxed_madd(n, f64x2.splat(0.6931471805599453), f64x2.mul(double, series));
}
