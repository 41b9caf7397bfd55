import { cholesky, type JointGaussian, type Matrix, multiply } from "@superbatch/linalg";
import { acceptableIn } from "./acceptable.ts";
import type { JointSamples } from "./joint-samples.ts";

/**
 * p(x* = r_j): how often each representer is the minimizer of a joint sample, with `smoothing` pseudo-counts spread evenly over the
 * representers.
 *
 * @returns R probabilities, Σ = 1.
 */
export function minimizerDistribution(samples: JointSamples, smoothing = 0): Float64Array {
  const representers = samples.mean.length;
  const count = samples.base.columns;
  const p = new Float64Array(representers).fill(smoothing / representers / (count + smoothing));
  for (let s = 0; s < count; s++) p[samples.order[s * representers]] += 1 / (count + smoothing);
  return p;
}

/**
 * The same without smoothing, straight from a joint Gaussian: no order of the values is needed, so many anchors cost little.
 *
 * @param base - R × S standard normals.
 * @param acceptable - R probabilities: one that is not acceptable in a sample is not its minimizer. Absent: all are.
 */
export function thompsonFrequencies(joint: JointGaussian, base: Matrix, acceptable?: Float64Array): Float64Array {
  const { rows, columns: count } = base;
  const values = multiply(cholesky(joint.anchorCovariance).factor, base).data;
  const lowest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const minimizer = new Int32Array(count);
  const isAcceptable = acceptable && acceptableIn(acceptable);
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s < count; s++) {
      if (isAcceptable?.(r, s) === false) continue;
      const value = joint.anchorMean[r] + values[r * count + s];
      if (value < lowest[s]) {
        lowest[s] = value;
        minimizer[s] = r;
      }
    }
  }
  const frequencies = new Float64Array(rows);
  for (const r of minimizer) frequencies[r] += 1 / count;
  return frequencies;
}

/** −Σ p log p in nats, with 0 log 0 = 0. */
export function entropy(p: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < p.length; j++) if (p[j] > 0) sum -= p[j] * Math.log(p[j]);
  return sum;
}
