// Batch normalization over the rows of a matrix of channels, and its gradient, each in two sweeps over memory.
// `rectify` adds a ReLU behind it; the gradient finds its sign again from x, so that nothing more need be kept.

/** Bytes of rows that are swept at a time, so that all groups of channels find them in the first-level cache. */
const BLOCK_BYTES: i32 = 16384;

// @ts-ignore: decorator
@inline
function blockRows(c: i32): i32 {
  return max(8, BLOCK_BYTES / (c * 4));
}

/**
 * Sums of x − pivot and of its squares per channel, in one sweep. A pivot among the rows keeps the moments from canceling.
 *
 * @param pivot - c floats
 */
export function momentSums(x: usize, pivot: usize, sums: usize, squares: usize, rows: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const paired = (<usize>(c & ~7)) << 2;
  const block = blockRows(c);
  memory.fill(sums, 0, bytes);
  memory.fill(squares, 0, bytes);
  let from = x;
  for (let first = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    let k: usize = 0;
    for (; k < paired; k += 32) {
      const p0 = v128.load(pivot + k), p1 = v128.load(pivot + k, 16);
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
      let q0 = f32x4.splat(0), q1 = f32x4.splat(0);
      let at = from + k;
      for (let r = 0; r < count; r++) {
        const d0 = f32x4.sub(v128.load(at), p0), d1 = f32x4.sub(v128.load(at, 16), p1);
        s0 = f32x4.add(s0, d0);
        s1 = f32x4.add(s1, d1);
        q0 = f32x4.relaxed_madd(d0, d0, q0);
        q1 = f32x4.relaxed_madd(d1, d1, q1);
        at += bytes;
      }
      const m = sums + k;
      s0 = f32x4.add(v128.load(m), s0);
      s1 = f32x4.add(v128.load(m, 16), s1);
      v128.store(m, s0);
      v128.store(m, s1, 16);
      const v = squares + k;
      q0 = f32x4.add(v128.load(v), q0);
      q1 = f32x4.add(v128.load(v, 16), q1);
      v128.store(v, q0);
      v128.store(v, q1, 16);
    }
    for (; k < bytes; k += 4) {
      const p = load<f32>(pivot + k);
      let s: f32 = 0, q: f32 = 0;
      let at = from + k;
      for (let r = 0; r < count; r++) {
        const d = load<f32>(at) - p;
        s += d;
        q += d * d;
        at += bytes;
      }
      store<f32>(sums + k, load<f32>(sums + k) + s);
      store<f32>(squares + k, load<f32>(squares + k) + q);
    }
    from += <usize>count * bytes;
  }
}

/** Turns momentSums' results, in place, into mean and biased variance. */
export function momentsFromSums(pivot: usize, mean: usize, variance: usize, rows: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const share: f32 = 1 / <f32>rows;
  for (let k: usize = 0; k < bytes; k += 4) {
    const shift = load<f32>(mean + k) * share;
    store<f32>(mean + k, load<f32>(pivot + k) + shift);
    store<f32>(variance + k, max<f32>(0, load<f32>(variance + k) * share - shift * shift));
  }
}

/** scale = gamma / √(variance + epsilon) and shift = beta − mean · scale. */
export function affine(
  gamma: usize, beta: usize, mean: usize, variance: usize, epsilon: f32, scale: usize, shift: usize, c: i32,
): void {
  const bytes = (<usize>c) << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const factor = load<f32>(gamma + k) / sqrt<f32>(load<f32>(variance + k) + epsilon);
    store<f32>(scale + k, factor);
    store<f32>(shift + k, load<f32>(beta + k) - load<f32>(mean + k) * factor);
  }
}

/** y = scale · x + shift, then max(·, 0) with `rectify`. */
export function normalize(x: usize, scale: usize, shift: usize, rectify: bool, y: usize, rows: i32, c: i32): void {
  const bytes = (<usize>c) << 2;
  const paired = (<usize>(c & ~7)) << 2;
  const floor = f32x4.splat(rectify ? 0 : -Infinity);
  for (let r = 0; r < rows; r++) {
    let k: usize = 0;
    for (; k < paired; k += 32) {
      const a = x + k, b = scale + k, d = shift + k, o = y + k;
      const y0 = f32x4.relaxed_madd(v128.load(a), v128.load(b), v128.load(d));
      const y1 = f32x4.relaxed_madd(v128.load(a, 16), v128.load(b, 16), v128.load(d, 16));
      v128.store(o, f32x4.max(y0, floor));
      v128.store(o, f32x4.max(y1, floor), 16);
    }
    for (; k < bytes; k += 4) {
      const value = load<f32>(x + k) * load<f32>(scale + k) + load<f32>(shift + k);
      store<f32>(y + k, rectify ? max<f32>(value, 0) : value);
    }
    x += bytes;
    y += bytes;
  }
}

/**
 * What tells, as x · a + b > 0, where the ReLU behind the normalization lets a gradient pass: scale and shift, or 0 and 1 without one.
 */
export function gate(scale: usize, shift: usize, rectify: bool, a: usize, b: usize, c: i32): void {
  const bytes = (<usize>c) << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    store<f32>(a + k, rectify ? load<f32>(scale + k) : 0);
    store<f32>(b + k, rectify ? load<f32>(shift + k) : 1);
  }
}

/**
 * From gradientSums' results: dGamma (in place of the products), and the coefficients of applyGradient. With `training`, mean and
 * variance are functions of x, otherwise constants.
 */
export function gradientCoefficients(
  products: usize, sums: usize, mean: usize, variance: usize, epsilon: f32, training: bool,
  scale: usize, slope: usize, offset: usize, rows: i32, c: i32,
): void {
  const bytes = (<usize>c) << 2;
  const share: f32 = training ? 1 / <f32>rows : 0;
  for (let k: usize = 0; k < bytes; k += 4) {
    const inverse: f32 = <f32>1 / sqrt<f32>(load<f32>(variance + k) + epsilon);
    const factor = load<f32>(scale + k);
    const dGamma = load<f32>(products + k) * inverse;
    store<f32>(products + k, dGamma);
    const s = -factor * inverse * dGamma * share;
    store<f32>(slope + k, s);
    store<f32>(offset + k, -factor * share * load<f32>(sums + k) - s * load<f32>(mean + k));
  }
}

/** Sums of dy · (x − mean) and of dy per channel, over the positions where x · a + b > 0. */
export function gradientSums(
  dy: usize, x: usize, mean: usize, a: usize, b: usize, products: usize, sums: usize, rows: i32, c: i32,
): void {
  const bytes = (<usize>c) << 2;
  const paired = (<usize>(c & ~7)) << 2;
  const block = blockRows(c);
  const zero = f32x4.splat(0);
  memory.fill(products, 0, bytes);
  memory.fill(sums, 0, bytes);
  for (let first = 0; first < rows; first += block) {
    const count = min(block, rows - first);
    let k: usize = 0;
    for (; k < paired; k += 32) {
      const m0 = v128.load(mean + k), m1 = v128.load(mean + k, 16);
      const a0 = v128.load(a + k), a1 = v128.load(a + k, 16);
      const b0 = v128.load(b + k), b1 = v128.load(b + k, 16);
      let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
      let q0 = f32x4.splat(0), q1 = f32x4.splat(0);
      let at = x + k, from = dy + k;
      for (let r = 0; r < count; r++) {
        const x0 = v128.load(at), x1 = v128.load(at, 16);
        const g0 = v128.and(v128.load(from), f32x4.gt(f32x4.relaxed_madd(x0, a0, b0), zero));
        const g1 = v128.and(v128.load(from, 16), f32x4.gt(f32x4.relaxed_madd(x1, a1, b1), zero));
        s0 = f32x4.add(s0, g0);
        s1 = f32x4.add(s1, g1);
        q0 = f32x4.relaxed_madd(g0, f32x4.sub(x0, m0), q0);
        q1 = f32x4.relaxed_madd(g1, f32x4.sub(x1, m1), q1);
        at += bytes;
        from += bytes;
      }
      const p = products + k, s = sums + k;
      q0 = f32x4.add(v128.load(p), q0);
      q1 = f32x4.add(v128.load(p, 16), q1);
      v128.store(p, q0);
      v128.store(p, q1, 16);
      s0 = f32x4.add(v128.load(s), s0);
      s1 = f32x4.add(v128.load(s, 16), s1);
      v128.store(s, s0);
      v128.store(s, s1, 16);
    }
    for (; k < bytes; k += 4) {
      let s: f32 = 0, q: f32 = 0;
      let at = x + k, from = dy + k;
      for (let r = 0; r < count; r++) {
        const value = load<f32>(at);
        if (value * load<f32>(a + k) + load<f32>(b + k) > 0) {
          s += load<f32>(from);
          q += load<f32>(from) * (value - load<f32>(mean + k));
        }
        at += bytes;
        from += bytes;
      }
      store<f32>(products + k, load<f32>(products + k) + q);
      store<f32>(sums + k, load<f32>(sums + k) + s);
    }
    x += <usize>count * bytes;
    dy += <usize>count * bytes;
  }
}

/** dx = scale · (dy where x · a + b > 0) + slope · x + offset. */
export function applyGradient(
  dy: usize, x: usize, scale: usize, slope: usize, offset: usize, a: usize, b: usize, dx: usize, rows: i32, c: i32,
): void {
  const bytes = (<usize>c) << 2;
  const paired = (<usize>(c & ~7)) << 2;
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    let k: usize = 0;
    for (; k < paired; k += 32) {
      const x0 = v128.load(x + k), x1 = v128.load(x + k, 16);
      const g0 = v128.and(v128.load(dy + k), f32x4.gt(f32x4.relaxed_madd(x0, v128.load(a + k), v128.load(b + k)), zero));
      const g1 = v128.and(v128.load(dy + k, 16), f32x4.gt(f32x4.relaxed_madd(x1, v128.load(a + k, 16), v128.load(b + k, 16)), zero));
      const d0 = f32x4.relaxed_madd(x0, v128.load(slope + k), v128.load(offset + k));
      const d1 = f32x4.relaxed_madd(x1, v128.load(slope + k, 16), v128.load(offset + k, 16));
      const o0 = f32x4.relaxed_madd(g0, v128.load(scale + k), d0), o1 = f32x4.relaxed_madd(g1, v128.load(scale + k, 16), d1);
      v128.store(dx + k, o0);
      v128.store(dx + k, o1, 16);
    }
    for (; k < bytes; k += 4) {
      const value = load<f32>(x + k);
      const g: f32 = value * load<f32>(a + k) + load<f32>(b + k) > 0 ? load<f32>(dy + k) : 0;
      store<f32>(dx + k, g * load<f32>(scale + k) + value * load<f32>(slope + k) + load<f32>(offset + k));
    }
    x += bytes;
    dy += bytes;
    dx += bytes;
  }
}
