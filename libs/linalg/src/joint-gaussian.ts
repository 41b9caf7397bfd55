import type { Matrix } from "./matrix.ts";

/**
 * What a surrogate says of R anchors and Q points under one sample of its hyperparameters: the joint Gaussian of the anchors' function
 * values, and for each point its marginal and its covariance with each anchor. Acquisitions condition on an observation
 * at a point, or on pending trials among the anchors, from these numbers alone (architecture: a surrogate is two calls).
 *
 * Units are those of the values that the surrogate was fitted to; no standardization is visible from outside.
 */
export interface JointGaussian {
  /** R: posterior means at the anchors. */
  readonly anchorMean: Float64Array;
  /** R × R: posterior covariance of the anchors' noise-free values. */
  readonly anchorCovariance: Matrix;
  /** R: variance of the observation noise at the anchors. */
  readonly anchorNoise: Float64Array;
  /** Q: posterior means at the points. */
  readonly mean: Float64Array;
  /** Q: posterior variances of the points' noise-free values. */
  readonly variance: Float64Array;
  /** Q: variance of the observation noise at the points. */
  readonly noise: Float64Array;
  /** R × Q: covariance of anchor i's and point j's noise-free values. */
  readonly cross: Matrix;
}
