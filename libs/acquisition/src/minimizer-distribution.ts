import { cholesky, type JointGaussian, type Matrix, multiply } from "@superbatch/linalg";
import { acceptableIn } from "./acceptable.ts";

/**
 * p(x* = r_j): how often each anchor of a joint Gaussian is the minimizer of a joint sample. No order of the values is needed, so many anchors
 * cost little.
 *
 * @param base - R × S standard normals.
 * @param acceptable - R probabilities: one that is not acceptable in a sample is not its minimizer. Absent: all are.
 * @returns R frequencies, Σ = 1.
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
