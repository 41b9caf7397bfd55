import type { JointGaussian } from "@superbatch/linalg";

/**
 * What an observation is worth. Made for fixed representers (see `representers.ts`) and their posterior; then asked about candidates in
 * as many calls as there are rounds of the maximization.
 *
 * The gain is never divided by cost here: that is the same for all of them and happens once, in `suggest.ts`.
 */
export interface AcquisitionFunction {
  /**
   * Expected gain of one observation at each candidate, averaged over the hyperparameter samples.
   *
   * @param posteriors - one per hyperparameter sample, in the order in which the function was made: the same anchors, and Q
   *   candidates, all conditioned on pending trials. Only `mean`, `variance`, `noise` and `cross` are read.
   * @returns Q values, finite and at least 0, larger is better: nats for the entropies, the objective's unit for the improvements.
   */
  gain(posteriors: readonly JointGaussian[]): Float64Array;
}

/** Average of what `each` answers per hyperparameter sample. */
export function averageGains(
  posteriors: readonly JointGaussian[],
  each: (posterior: JointGaussian, sample: number) => Float64Array,
): Float64Array {
  const total = new Float64Array(posteriors[0].mean.length);
  for (let i = 0; i < posteriors.length; i++) {
    const gains = each(posteriors[i], i);
    for (let q = 0; q < total.length; q++) total[q] += gains[q] / posteriors.length;
  }
  return total;
}
