import type { JointGaussian } from "@superbatch/linalg";
import { logMean } from "./log-mean.ts";

/**
 * What an observation is worth: the expected gain, or where gains underflow (expected improvement far from the best values) its logarithm. Made
 * for the posterior of fixed anchors (see `acquisition.ts`); then asked about candidates in as many calls as there are rounds of the maximization.
 *
 * The gain is never divided by cost here: that is the same for all of them and happens once, in `scorer.ts`.
 */
export type AcquisitionFunction = GainFunction | LogGainFunction;

export interface GainFunction {
  /**
   * Expected gain of one observation at each candidate, under one hyperparameter sample.
   *
   * @param posterior - of that sample: the same anchors as the function was made for, and Q candidates, all conditioned on the same results. Only
   *   `mean`, `variance`, `noise` and `cross` are read.
   * @param sample - its index among the posteriors that the function was made for.
   * @returns Q values, finite and at least 0, larger is better: nats for the entropies, the objective's unit for the improvements.
   */
  gain(posterior: JointGaussian, sample: number): Float64Array;
}

export interface LogGainFunction {
  /** Natural logarithms of what {@link GainFunction.gain} returns: Q values, −∞ where nothing can be gained, never NaN. */
  logGain(posterior: JointGaussian, sample: number): Float64Array;
}

/** Q gains, averaged over the hyperparameter samples. */
export interface Gains {
  /** At least 0; 0 too where it underflows. */
  readonly gain: Float64Array;
  readonly logGain: Float64Array;
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
  acquisition: AcquisitionFunction,
  posteriors: readonly JointGaussian[],
  pause?: Pause,
): Promise<Gains> {
  const of = "gain" in acquisition ? acquisition.gain : acquisition.logGain;
  const samples: Float64Array[] = [];
  for (let i = 0; i < posteriors.length; i++) {
    if (i > 0) await pause?.();
    samples.push(of(posteriors[i], i));
  }
  return "gain" in acquisition ? averageOf(samples) : averageOfLogs(samples);
}

function averageOf(samples: readonly Float64Array[]): Gains {
  const gain = new Float64Array(samples[0].length);
  for (const each of samples) for (let q = 0; q < gain.length; q++) gain[q] += each[q] / samples.length;
  return { gain, logGain: gain.map(Math.log) };
}

function averageOfLogs(samples: readonly Float64Array[]): Gains {
  const logGain = samples[0].map((_, q) => logMean(samples.map((each) => each[q])));
  return { gain: logGain.map(Math.exp), logGain };
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
