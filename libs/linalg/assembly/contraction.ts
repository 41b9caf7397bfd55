// The contraction of a matrix with the derivatives of a covariance matrix (kernel.ts): what a likelihood's gradient needs.

import { exp2lanes, log2lanes } from "./elementary";
import { distanceRow, field, groupDistance, groupField, isPair, multiplyTask, ROOT5, taskField } from "./kernel";

/**
 * Σ_{j<i} W_ij ∂k_ij/∂θ for a strictly lower triangular W (row i of W is read up to the pair that holds element i, which must be zero).
 * Writes to `sums`: per group (the further ones too) the sum for log ℓ; then per task, with M = W ∘ k / k_T: type 0: Σ M (q + q′), Σ M q q′; type 1: the
 * derivatives by log p0, log p1, log p2 (three slots per task, always).
 *
 * @param bases, slopes - as kernelMatrix wrote them, of W's stride
 * @param scratch - room for 2 (n + 2) numbers
 */
export function kernelContraction(
  spec: usize, a: usize, aTasks: usize, stride: usize, n: i32, w: usize, wStride: usize,
  bases: usize, slopes: usize, sums: usize, scratch: usize,
): void {
  const groups = <i32>(field(spec, 2) + field(spec, 4));
  const tasks = <i32>field(spec, 3);
  const product = field(spec, 0) == 2;
  const length = <usize>(n + 2) << 3;
  const weighted = scratch + length;
  for (let s = 0; s < groups + 3 * tasks; s++) store<f64>(sums + (<usize>s << 3), 0);
  for (let i = 1; i < n; i++) {
    const row = w + <usize>i * wStride;
    const end = <usize>((i + 1) & ~1) << 3;
    const base = bases + <usize>i * wStride;
    const slope = slopes + <usize>i * wStride;
    for (let t = 0; t < tasks; t++) {
      for (let j: usize = 0; j < end; j += 16) v128.store(weighted + j, f64x2.mul(v128.load(row + j), v128.load(base + j)));
      for (let u = 0; u < tasks; u++) if (u != t) multiplyTask(spec, u, aTasks, stride, i, aTasks, stride, i, weighted);
      contractTask(spec, t, aTasks, stride, i, weighted, sums + (<usize>(groups + 3 * t) << 3));
    }
    const factor = product ? base : slope;
    for (let j: usize = 0; j < end; j += 16) v128.store(weighted + j, f64x2.mul(v128.load(row + j), v128.load(factor + j)));
    for (let t = 0; t < tasks; t++) multiplyTask(spec, t, aTasks, stride, i, aTasks, stride, i, weighted);
    for (let g = 0; g < groups; g++) {
      const at = sums + (<usize>g << 3);
      if (!product && isPair(spec, g, groups)) {
        contractPair(a + <usize>groupField(spec, g, 1) * stride, stride, i, weighted, at);
        g++;
      } else {
        store<f64>(at, load<f64>(at) + contractGroup(spec, g, a, stride, i, weighted, product, scratch));
      }
    }
  }
}

/** Adds Σ_j weighted[j] · squared difference, for two columns, to two sums. */
function contractPair(column: usize, stride: usize, i: i32, weighted: usize, sums: usize): void {
  const end = <usize>((i + 1) & ~1) << 3;
  const own0 = v128.load_splat<f64>(column + (<usize>i << 3));
  const own1 = v128.load_splat<f64>(column + stride + (<usize>i << 3));
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (let j: usize = 0; j < end; j += 16) {
    const m = v128.load(weighted + j);
    const d0 = f64x2.sub(own0, v128.load(column + j));
    const d1 = f64x2.sub(own1, v128.load(column + stride + j));
    sum0 = f64x2.relaxed_madd(f64x2.mul(m, d0), d0, sum0);
    sum1 = f64x2.relaxed_madd(f64x2.mul(m, d1), d1, sum1);
  }
  store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(sum0, 0) + f64x2.extract_lane(sum0, 1));
  store<f64>(sums, load<f64>(sums, 8) + f64x2.extract_lane(sum1, 0) + f64x2.extract_lane(sum1, 1), 8);
}

/** Σ_j weighted[j] · distance of the group (times the product kernel's own ratio). */
function contractGroup(spec: usize, group: i32, a: usize, stride: usize, i: i32, weighted: usize, product: bool, scratch: usize): f64 {
  const end = <usize>((i + 1) & ~1) << 3;
  let sum = f64x2.splat(0);
  if (product || groupField(spec, group, 2) != 1) {
    distanceRow(spec, group, a, stride, i, a, stride, i, scratch, false);
    for (let j: usize = 0; j < end; j += 16) {
      let term = v128.load(scratch + j);
      if (product) term = f64x2.mul(term, maternRatio(term));
      sum = f64x2.relaxed_madd(v128.load(weighted + j), term, sum);
    }
  } else {
    const hamming = groupField(spec, group, 0) != 0;
    const weight = f64x2.splat(groupField(spec, group, 3));
    const column = a + <usize>groupField(spec, group, 1) * stride;
    const own = v128.load_splat<f64>(column + (<usize>i << 3));
    for (let j: usize = 0; j < end; j += 16) {
      sum = f64x2.relaxed_madd(v128.load(weighted + j), groupDistance(hamming, own, v128.load(column + j), weight), sum);
    }
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/** (5/3)(1 + √5 r) / (1 + √5 r + 5r²/3): −∂ log k / ∂ log r divided by r². */
// @ts-ignore: decorator
@inline
function maternRatio(squared: v128): v128 {
  const r = f64x2.mul(f64x2.sqrt(squared), f64x2.splat(ROOT5));
  const linear = f64x2.add(r, f64x2.splat(1));
  const polynomial = f64x2.relaxed_madd(f64x2.mul(r, r), f64x2.splat(1 / 3.0), linear);
  return f64x2.div(f64x2.mul(linear, f64x2.splat(5 / 3.0)), polynomial);
}

function contractTask(spec: usize, task: i32, values: usize, stride: usize, i: i32, weighted: usize, sums: usize): void {
  const end = <usize>((i + 1) & ~1) << 3;
  const column = values + <usize>task * stride;
  const own = load<f64>(column + (<usize>i << 3));
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  let third = f64x2.splat(0);
  if (taskField(spec, task, 0) == 0) {
    for (let j: usize = 0; j < end; j += 16) {
      const m = v128.load(weighted + j);
      first = f64x2.add(first, m);
      second = f64x2.relaxed_madd(m, v128.load(column + j), second);
    }
    const total = f64x2.extract_lane(first, 0) + f64x2.extract_lane(first, 1);
    const dot = f64x2.extract_lane(second, 0) + f64x2.extract_lane(second, 1);
    store<f64>(sums, load<f64>(sums) + own * total + dot);
    store<f64>(sums, load<f64>(sums, 8) + own * dot, 8);
    return;
  }
  const alpha = taskField(spec, task, 1);
  const beta = taskField(spec, task, 2);
  const gamma = f64x2.splat(taskField(spec, task, 3));
  for (let j: usize = 0; j < end; j += 16) {
    const sum = f64x2.add(f64x2.splat(own), v128.load(column + j));
    const total = f64x2.add(sum, f64x2.splat(beta));
    const logarithm = log2lanes(f64x2.div(total, f64x2.splat(beta)));
    const term = f64x2.mul(v128.load(weighted + j), f64x2.mul(gamma, exp2lanes(f64x2.mul(f64x2.splat(-alpha), logarithm))));
    first = f64x2.relaxed_nmadd(f64x2.mul(term, f64x2.splat(alpha)), logarithm, first);
    second = f64x2.relaxed_madd(f64x2.mul(term, f64x2.splat(alpha)), f64x2.div(sum, total), second);
    third = f64x2.add(third, term);
  }
  store<f64>(sums, load<f64>(sums) + f64x2.extract_lane(first, 0) + f64x2.extract_lane(first, 1));
  store<f64>(sums, load<f64>(sums, 8) + f64x2.extract_lane(second, 0) + f64x2.extract_lane(second, 1), 8);
  store<f64>(sums, load<f64>(sums, 16) + f64x2.extract_lane(third, 0) + f64x2.extract_lane(third, 1), 16);
}
