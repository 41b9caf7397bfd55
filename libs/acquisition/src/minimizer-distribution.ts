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

/** −Σ p log p in nats, with 0 log 0 = 0. */
export function entropy(p: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < p.length; j++) if (p[j] > 0) sum -= p[j] * Math.log(p[j]);
  return sum;
}
