import type { JointGaussian, Matrix } from "@superbatch/linalg";
import { normalCdf } from "@superbatch/random";
import type { ProbabilityModel } from "./probability-model.ts";

/** Bounds of a further outcome of a trial (latency, memory), in its unit; a missing one does not bind. */
export interface OutcomeBounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * The probability that an outcome's noise-free value keeps its bounds, averaged over the hyperparameter samples (Gardner et al. 2014, "Bayesian
 * optimization with inequality constraints").
 *
 * @param posterior - of that outcome, at Q points.
 */
export function createOutcomeConstraint(
  posterior: (points: Matrix) => Promise<readonly JointGaussian[]>,
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: OutcomeBounds,
): ProbabilityModel {
  return async (points) => {
    const posteriors = await posterior(points);
    const probability = new Float64Array(points.rows);
    for (const { mean, variance } of posteriors) {
      for (let q = 0; q < points.rows; q++) {
        const sd = Math.sqrt(Math.max(0, variance[q]));
        probability[q] += (below(max, mean[q], sd) - below(min, mean[q], sd)) / posteriors.length;
      }
    }
    return probability.map((p) => Math.min(1, Math.max(0, p)));
  };
}

/** P(f ≤ bound); without uncertainty 0 or 1. */
function below(bound: number, mean: number, sd: number): number {
  if (!Number.isFinite(bound)) return bound > 0 ? 1 : 0;
  if (sd === 0) return mean <= bound ? 1 : 0;
  return normalCdf((bound - mean) / sd);
}
