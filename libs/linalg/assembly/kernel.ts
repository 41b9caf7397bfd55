// Covariance matrices of the product of a stationary kernel (Matérn 5/2 or squared exponential, a length scale per group of columns)
// and task kernels (their derivatives: contraction.ts). Work goes row by row: each pass over a row of n points
// reads structure-of-arrays columns two points at a time.
//
// A specification is a list of float64: [kind, amplitude, G, T, E], then per group [metric, first column, columns, weight], then E groups
// that the kernel does not see but the contraction does (for derivatives that are differences of squares), then per task [type, p0, p1, p2].
// - kind: 0 Matérn 5/2, 1 squared exponential, both of the distance over all groups; 2 product of one Matérn 5/2 per group.
// - metric: 0 squared difference of columns that the host has divided by the length scale; 1 `weight` where values differ, else 0.
// - type 0: k_T = (1 + p0 q)(1 + p0 q′) + p1 q q′ with q the basis function's values; type 1: k_T = 1 + p2 (p1 / (q + q′ + p1))^p0.

import { exp2lanes, log2lanes } from "./elementary";

export const ROOT5: f64 = 2.23606797749979;

// @ts-ignore: decorator
@inline
export function field(spec: usize, index: i32): f64 {
  return load<f64>(spec + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
export function groupField(spec: usize, group: i32, index: i32): f64 {
  return field(spec, 5 + 4 * group + index);
}

// @ts-ignore: decorator
@inline
export function taskField(spec: usize, task: i32, index: i32): f64 {
  return field(spec, 5 + 4 * <i32>(field(spec, 2) + field(spec, 4)) + 4 * task + index);
}

/** The squared scaled distance of one group between point i of A and two points of B at offset `at`. */
// @ts-ignore: decorator
@inline
export function groupDistance(hamming: bool, own: v128, other: v128, weight: v128): v128 {
  if (hamming) return v128.and(f64x2.ne(own, other), weight);
  const difference = f64x2.sub(own, other);
  return f64x2.mul(difference, difference);
}

/** out[j] (+)= distance of a group, for j < count. */
export function distanceRow(
  spec: usize, group: i32, a: usize, aStride: usize, i: i32, b: usize, bStride: usize, count: i32, out: usize, accumulate: bool,
): void {
  const hamming = groupField(spec, group, 0) != 0;
  const start = <i32>groupField(spec, group, 1);
  const columns = <i32>groupField(spec, group, 2);
  const weight = f64x2.splat(groupField(spec, group, 3));
  for (let c = start; c < start + columns; c++) {
    const own = v128.load_splat<f64>(a + <usize>c * aStride + (<usize>i << 3));
    let from = b + <usize>c * bStride;
    let to = out;
    const end = out + (<usize>count << 3);
    if (!accumulate && c == start) {
      for (; to < end; to += 16, from += 16) v128.store(to, groupDistance(hamming, own, v128.load(from), weight));
    } else {
      for (; to < end; to += 16, from += 16) {
        v128.store(to, f64x2.add(v128.load(to), groupDistance(hamming, own, v128.load(from), weight)));
      }
    }
  }
}

/** Whether this group and the next are both one Euclidean column, so that one pass over a row can serve both. */
// @ts-ignore: decorator
@inline
export function isPair(spec: usize, group: i32, groups: i32): bool {
  if (group + 1 >= groups) return false;
  if (groupField(spec, group, 0) != 0 || groupField(spec, group + 1, 0) != 0) return false;
  return groupField(spec, group, 2) == 1 && groupField(spec, group + 1, 2) == 1;
}

/** distanceRow for a pair of groups. */
function distancePairRow(
  spec: usize, group: i32, a: usize, aStride: usize, i: i32, b: usize, bStride: usize, count: i32, out: usize, accumulate: bool,
): void {
  const start = <usize>groupField(spec, group, 1);
  const row = a + start * aStride + (<usize>i << 3);
  const own0 = v128.load_splat<f64>(row);
  const own1 = v128.load_splat<f64>(row + aStride);
  let from = b + start * bStride;
  const end = out + (<usize>count << 3);
  for (; out < end; out += 16, from += 16) {
    const d0 = f64x2.sub(own0, v128.load(from));
    const d1 = f64x2.sub(own1, v128.load(from + bStride));
    const first = accumulate ? f64x2.relaxed_madd(d0, d0, v128.load(out)) : f64x2.mul(d0, d0);
    v128.store(out, f64x2.relaxed_madd(d1, d1, first));
  }
}

/** The squared scaled distance over all groups to `out`. */
function totalDistanceRow(
  spec: usize, a: usize, aStride: usize, i: i32, b: usize, bStride: usize, count: i32, out: usize,
): void {
  const groups = <i32>field(spec, 2);
  for (let g = 0; g < groups; g++) {
    if (isPair(spec, g, groups)) {
      distancePairRow(spec, g, a, aStride, i, b, bStride, count, out, g > 0);
      g++;
    } else distanceRow(spec, g, a, aStride, i, b, bStride, count, out, g > 0);
  }
}

/**
 * One row of the stationary kernel times the amplitude, without tasks, to `base`; with `slope` nonzero also −2 ∂/∂(r²) of it
 * (not for the product kernel). `scratch` holds `count` numbers.
 */
export function baseRow(
  spec: usize, a: usize, aStride: usize, i: i32, b: usize, bStride: usize, count: i32, base: usize, slope: usize, scratch: usize,
): void {
  const kind = <i32>field(spec, 0);
  const groups = <i32>field(spec, 2);
  const amplitude = f64x2.splat(field(spec, 1));
  const end = <usize>count << 3;
  if (kind == 2 || groups == 0) {
    for (let j: usize = 0; j < end; j += 16) {
      v128.store(base + j, amplitude);
      if (slope) v128.store(slope + j, amplitude);
    }
    for (let g = 0; g < groups; g++) {
      distanceRow(spec, g, a, aStride, i, b, bStride, count, scratch, false);
      for (let j: usize = 0; j < end; j += 16) {
        v128.store(base + j, f64x2.mul(v128.load(base + j), matern(v128.load(scratch + j))));
      }
    }
    return;
  }
  totalDistanceRow(spec, a, aStride, i, b, bStride, count, scratch);
  if (kind == 1) {
    for (let j: usize = 0; j < end; j += 16) {
      const k = f64x2.mul(amplitude, exp2lanes(f64x2.mul(v128.load(scratch + j), f64x2.splat(-0.5))));
      v128.store(base + j, k);
      if (slope) v128.store(slope + j, k);
    }
  } else if (slope) {
    for (let j: usize = 0; j < end; j += 16) {
      const r = f64x2.mul(f64x2.sqrt(v128.load(scratch + j)), f64x2.splat(ROOT5));
      const e = f64x2.mul(amplitude, exp2lanes(f64x2.neg(r)));
      const linear = f64x2.add(r, f64x2.splat(1));
      v128.store(base + j, f64x2.mul(e, f64x2.relaxed_madd(f64x2.mul(r, r), f64x2.splat(1 / 3.0), linear)));
      v128.store(slope + j, f64x2.mul(f64x2.mul(e, linear), f64x2.splat(5 / 3.0)));
    }
  } else {
    for (let j: usize = 0; j < end; j += 16) {
      // The same operations in the same order as with a slope, so that both give the same bits.
      const r = f64x2.mul(f64x2.sqrt(v128.load(scratch + j)), f64x2.splat(ROOT5));
      const e = f64x2.mul(amplitude, exp2lanes(f64x2.neg(r)));
      const linear = f64x2.add(r, f64x2.splat(1));
      v128.store(base + j, f64x2.mul(e, f64x2.relaxed_madd(f64x2.mul(r, r), f64x2.splat(1 / 3.0), linear)));
    }
  }
}

/** (1 + √5 r + 5r²/3) exp(−√5 r) of r². */
// @ts-ignore: decorator
@inline
function matern(squared: v128): v128 {
  const r = f64x2.mul(f64x2.sqrt(squared), f64x2.splat(ROOT5));
  const polynomial = f64x2.relaxed_madd(f64x2.mul(r, r), f64x2.splat(1 / 3.0), f64x2.add(r, f64x2.splat(1)));
  return f64x2.mul(polynomial, exp2lanes(f64x2.neg(r)));
}

/** row[j] *= k_T between point i of A and point j of B. */
export function multiplyTask(spec: usize, task: i32, a: usize, aStride: usize, i: i32, b: usize, bStride: usize, count: i32, row: usize): void {
  const own = load<f64>(a + <usize>task * aStride + (<usize>i << 3));
  const p0 = taskField(spec, task, 1);
  const p1 = taskField(spec, task, 2);
  let from = b + <usize>task * bStride;
  const end = row + (<usize>count << 3);
  if (taskField(spec, task, 0) == 0) {
    const constant = f64x2.splat(1 + p0 * own);
    const factor = f64x2.splat(p0 * (1 + p0 * own) + p1 * own);
    for (; row < end; row += 16, from += 16) {
      v128.store(row, f64x2.mul(v128.load(row), f64x2.relaxed_madd(factor, v128.load(from), constant)));
    }
  } else {
    const gamma = f64x2.splat(taskField(spec, task, 3));
    for (; row < end; row += 16, from += 16) {
      const deviation = f64x2.mul(gamma, decay(own, v128.load(from), p0, p1));
      v128.store(row, f64x2.mul(v128.load(row), f64x2.add(deviation, f64x2.splat(1))));
    }
  }
}

/** (β / (s + s′ + β))^α. */
// @ts-ignore: decorator
@inline
function decay(s: f64, other: v128, alpha: f64, beta: f64): v128 {
  const ratio = f64x2.div(f64x2.add(f64x2.splat(s + beta), other), f64x2.splat(beta));
  return exp2lanes(f64x2.mul(f64x2.splat(-alpha), log2lanes(ratio)));
}

/**
 * Rows 0 … rows − 1 of k(A, B) to `out`. Column c of A starts at `a` + c · `aStride`, task t's values at `aTasks` + t · `aStride`;
 * likewise B. Points of B are read in pairs.
 *
 * @param lower - nonzero: only elements up to the diagonal (rounded up to a pair) are written
 * @param base, slope - nonzero: matrices of out's stride to which what kernelContraction needs is written
 * @param scratch - room for `columns` + 1 numbers
 */
export function kernelMatrix(
  spec: usize, a: usize, aTasks: usize, aStride: usize, b: usize, bTasks: usize, bStride: usize,
  rows: i32, columns: i32, lower: i32, out: usize, outStride: usize, base: usize, slope: usize, scratch: usize,
): void {
  const tasks = <i32>field(spec, 3);
  for (let i = 0; i < rows; i++) {
    const count = lower ? i + 1 : columns;
    const row = out + <usize>i * outStride;
    if (base) {
      const offset = <usize>i * outStride;
      baseRow(spec, a, aStride, i, b, bStride, count, base + offset, slope + offset, scratch);
      const end = <usize>((count + 1) & ~1) << 3;
      for (let j: usize = 0; j < end; j += 16) v128.store(row + j, v128.load(base + offset + j));
    } else {
      baseRow(spec, a, aStride, i, b, bStride, count, row, 0, scratch);
    }
    for (let t = 0; t < tasks; t++) multiplyTask(spec, t, aTasks, aStride, i, bTasks, bStride, count, row);
  }
}
