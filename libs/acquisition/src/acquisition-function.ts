import type { JointGaussian } from "@superbatch/linalg";

/**
 * What an observation is worth. Made for fixed representers (see `representers.ts`) and their posterior; then asked about candidates in
 * as many calls as there are rounds of the maximization.
 *
 * The gain is never divided by cost here: that is the same for all of them and happens once, in `suggest.ts`.
 */
export interface AcquisitionFunction {
  /**
   * Expected gain of one observation at each candidate, under one hyperparameter sample.
   *
   * @param posterior - of that sample: the same anchors as the function was made for, and Q candidates, all conditioned on pending trials. Only `mean`,
   *   `variance`, `noise` and `cross` are read.
   * @param sample - its index among the posteriors that the function was made for.
   * @returns Q values, finite and at least 0, larger is better: nats for the entropies, the objective's unit for the improvements.
   */
  gain(posterior: JointGaussian, sample: number): Float64Array;
}

/** Lets others use the thread, between pieces of a few milliseconds of work: a service answers its callers meanwhile. */
export type Pause = () => Promise<unknown>;

/**
 * Gains averaged over the hyperparameter samples.
 *
 * @param posteriors - one per hyperparameter sample, in the order in which the function was made.
 * @param pause - called between two samples. @default there is none
 */
export async function averageGains(
  { gain }: AcquisitionFunction,
  posteriors: readonly JointGaussian[],
  pause?: Pause,
): Promise<Float64Array> {
  const total = new Float64Array(posteriors[0].mean.length);
  for (let i = 0; i < posteriors.length; i++) {
    if (i > 0) await pause?.();
    const gains = gain(posteriors[i], i);
    for (let q = 0; q < total.length; q++) total[q] += gains[q] / posteriors.length;
  }
  return total;
}

/** What is made of each posterior, when it is first asked for: not all at once before the first gain. */
export function onDemand<T>(
  posteriors: readonly JointGaussian[],
  make: (posterior: JointGaussian) => T,
): (sample: number) => T {
  const made: T[] = [];
  return (sample) => {
    made[sample] ??= make(posteriors[sample]);
    return made[sample];
  };
}
