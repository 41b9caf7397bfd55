import type { JointGaussian } from "@superbatch/linalg";
import { logExpectedImprovement } from "./expected-improvement.ts";
import { logMean } from "./log-mean.ts";

/** Average over the hyperparameter samples of the posterior mean at each point. */
export function averageMean(posteriors: readonly JointGaussian[]): Float64Array {
  const total = new Float64Array(posteriors[0].mean.length);
  for (const { mean } of posteriors) for (let q = 0; q < total.length; q++) total[q] += mean[q] / posteriors.length;
  return total;
}

/**
 * Logarithm of the expected improvement over the lowest posterior mean among `reference` points, averaged over the hyperparameter
 * samples. With no reference points the lowest mean among all points takes its place.
 *
 * @param references - how many of the points, from the first, are references.
 * @returns Q values, −∞ where no improvement is possible.
 */
export function logTargetImprovement(posteriors: readonly JointGaussian[], references: number): Float64Array {
  const points = posteriors[0].mean.length;
  const logs = posteriors.map(({ mean, variance }) => {
    const best = Math.min(...mean.subarray(0, references > 0 ? references : points));
    return mean.map((m, q) => logExpectedImprovement(m, Math.sqrt(Math.max(0, variance[q])), best));
  });
  return Float64Array.from({ length: points }, (_, q) => logMean(logs.map((log) => log[q])));
}
