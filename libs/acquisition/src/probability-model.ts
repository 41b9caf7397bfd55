import type { Matrix } from "@superbatch/linalg";

/**
 * The probability that a trial at each of Q points is acceptable: that it will not turn out infeasible, or that it keeps an outcome
 * constraint. The gain of a candidate is multiplied by it.
 *
 * @param points - Q × D, encoded.
 * @returns Q values in [0, 1].
 */
export type ProbabilityModel = (points: Matrix) => Float64Array | Promise<Float64Array>;
