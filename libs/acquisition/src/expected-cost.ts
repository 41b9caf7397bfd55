import type { JointGaussian } from "@superbatch/linalg";

export interface CostOptions {
  /** `mean`: E[c] = exp(m + v/2) of a log-normal cost, v up to 1. `median`: exp(m), as RoBO does. @default "mean" */
  readonly estimate?: "mean" | "median";
  /**
   * Cost of making the suggestion itself, added to the cost of each trial, in its unit. At least 0. 0 gives the original entropy search per
   * unit cost; RoBO adds the optimizer's own time. @default 0
   */
  readonly overhead?: number;
}

export interface ExpectedCost {
  /** Q: expected cost of a trial, without overhead, averaged over the hyperparameter samples. */
  readonly cost: Float64Array;
  /** Q: average over the hyperparameter samples of 1 / (expected cost + overhead), by which a gain is multiplied. */
  readonly inverse: Float64Array;
}

/**
 * Variance of a log cost above which it no longer raises the expectation. What a model does not know at all, such as the target fidelity's cost before anything near it was
 * tried, would else cost so much in expectation (exp(50) at a standard deviation of 10) that no trial ever finds it out.
 */
const largestVariance = 1;

/** Expected value or median of a log-normal cost, log c ~ N(mean, variance); in the expectation the variance counts up to 1. */
export function logNormalCost(mean: number, variance: number, estimate: "mean" | "median" = "mean"): number {
  return Math.exp(estimate === "mean" ? mean + Math.min(variance, largestVariance) / 2 : mean);
}

/**
 * Expected cost of each point under a model of log cost. The variance of E[c] = exp(m + v/2) is that of an observation (function
 * and noise together): what the trial will spend is what counts.
 *
 * The objective's and the cost's hyperparameters are independent, so the expectation of gain / cost over both is the product of the average
 * gain and the average of 1 / cost.
 *
 * @param posteriors - of log cost, one per hyperparameter sample, each of Q points.
 */
export function expectedCost(posteriors: readonly JointGaussian[], options: CostOptions = {}): ExpectedCost {
  const { estimate = "mean", overhead = 0 } = options;
  const points = posteriors[0].mean.length;
  const cost = new Float64Array(points);
  const inverse = new Float64Array(points);
  for (const { mean, variance, noise } of posteriors) {
    for (let q = 0; q < points; q++) {
      const c = logNormalCost(mean[q], variance[q] + noise[q], estimate);
      cost[q] += c / posteriors.length;
      inverse[q] += 1 / (c + overhead) / posteriors.length;
    }
  }
  return { cost, inverse };
}
