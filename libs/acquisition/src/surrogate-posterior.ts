import type { JointGaussian, Matrix } from "@superbatch/linalg";

/** What a surrogate predicts: the objective's value, or the natural logarithm of a trial's cost. */
export type SurrogateOutput = "objective" | "log-cost";

/**
 * A fitted surrogate, as acquisitions see it: the joint posterior of anchors and points, once per sample of its hyperparameters, all
 * samples equally likely. Whatever answers this can be maximized over: the gRPC surrogate behind a network, or a model in process.
 *
 * Must be pure: equal arguments give equal answers for as long as one suggestion is computed. The number of samples is at least 1,
 * the same in every call for the same output, and may differ between outputs. Each call may be a round trip: callers ask few, large questions.
 *
 * @param output - which of the two models.
 * @param anchors - R × D encoded points, R ≥ 0: their joint covariance is wanted.
 * @param points - Q × D encoded points, Q ≥ 0: only marginals, and covariances with the anchors.
 * @param signal - aborts the computation: the promise rejects with the signal's reason.
 * @returns one {@link JointGaussian} per hyperparameter sample, in the units of the observations.
 */
export type SurrogatePosterior = (
  output: SurrogateOutput,
  anchors: Matrix,
  points: Matrix,
  signal?: AbortSignal,
) => Promise<readonly JointGaussian[]>;
