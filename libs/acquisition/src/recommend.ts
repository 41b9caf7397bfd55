import type { JointGaussian } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import { leastProbability } from "./acceptable.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { perturb } from "./perturbation.ts";
import { distinctPoints, pointMatrix } from "./points.ts";
import type { ProbabilityModel } from "./probability-model.ts";
import type { SurrogatePosterior } from "./surrogate-posterior.ts";
import { averageMean } from "./target-improvement.ts";

export interface RecommendRequest {
  readonly surrogate: SurrogatePosterior;
  readonly space: CandidateSpace;
  /** Encoded points of completed trials that may be recommended. At least one. */
  readonly evaluated: readonly Float64Array[];
  /**
   * Looks for a better x than those evaluated, by local search of the posterior mean. Needs the random stream.
   * @default absent: only evaluated x are recommended.
   */
  readonly continuous?: { readonly rng: Rng };
  /**
   * Probability that an x at the target is acceptable, as outcome constraints say. Only those of at least {@link leastProbability} are recommended; if
   * there is none, the most probable one.
   * @default any is
   */
  readonly recommendable?: ProbabilityModel | undefined;
  readonly signal?: AbortSignal;
}

export interface Recommendation {
  /** Encoded, every fidelity at its target. */
  readonly point: Float64Array;
  /**
   * Index of the evaluated point with this x and the highest fidelity ({@link compareFidelities}), the latest of equals; absent if no trial
   * has this x (continuous search).
   */
  readonly index?: number;
  /** Posterior mean at the target, averaged over the hyperparameter samples. */
  readonly mean: number;
  /** Standard deviation of the noise-free value at the target, of the mixture over the hyperparameter samples. */
  readonly sd: number;
  /** That it is acceptable; absent where any x is. */
  readonly probability?: number;
}

/**
 * The recommendation: the x with the lowest posterior mean at the target fidelity, averaged over the hyperparameter samples
 * (algorithms: section 3, step 5), among those evaluated at any fidelity.
 *
 * @throws {RangeError} if nothing was evaluated.
 */
export async function recommend(request: RecommendRequest): Promise<Recommendation> {
  const { surrogate, space, evaluated, continuous, recommendable, signal } = request;
  if (evaluated.length === 0) throw new RangeError("there is no evaluated point to recommend");
  const columns = space.dimensions.length;
  const bestOf = async (points: readonly Float64Array[]) => {
    const matrix = pointMatrix(points, columns);
    const [posteriors, probability] = await Promise.all([
      surrogate("objective", pointMatrix([], columns), matrix, signal),
      recommendable?.(matrix),
    ]);
    return lowest(points, posteriors, probability);
  };

  const targets = evaluated.map((point) => space.target(point));
  const distinct = distinctPoints(targets);
  let best = await bestOf(distinct);
  if (continuous) {
    for (let round = 0; round < 6; round++) {
      const near: Float64Array[] = [];
      for (let i = 0; i < 64; i++) {
        const point = perturb(space, best.point, 0.1 * 0.4 ** round, continuous.rng);
        if (point) near.push(space.target(point));
      }
      if (near.length === 0) break;
      const better = await bestOf(near);
      if (isBetter(better, best)) best = better;
    }
  }
  const key = best.point.join();
  let index = -1;
  for (let i = 0; i < targets.length; i++) {
    if (targets[i].join() !== key) continue;
    if (index < 0 || compareFidelities(space, evaluated[i], evaluated[index]) >= 0) index = i;
  }
  return index < 0 ? best : { ...best, index };
}

/**
 * Which of two encoded points has the higher fidelity: the first fidelity in which they differ decides, in the space's order.
 *
 * @returns positive if `a` has, negative if `b` has, 0 if all fidelities are equal.
 */
export function compareFidelities({ fidelityColumns }: CandidateSpace, a: Float64Array, b: Float64Array): number {
  for (const column of fidelityColumns) {
    if (a[column] !== b[column]) return a[column] - b[column];
  }
  return 0;
}

/** The point of the lowest average mean of those that are acceptable; the variance of the mixture adds that of the means. */
function lowest(
  points: readonly Float64Array[],
  posteriors: readonly JointGaussian[],
  probability: Float64Array | undefined,
): Recommendation {
  const means = averageMean(posteriors);
  const at = (i: number) => ({ mean: means[i], ...(probability && { probability: probability[i] }) });
  let q = 0;
  for (let i = 1; i < means.length; i++) if (isBetter(at(i), at(q))) q = i;
  let variance = 0;
  for (const posterior of posteriors) {
    variance += (Math.max(0, posterior.variance[q]) + (posterior.mean[q] - means[q]) ** 2) / posteriors.length;
  }
  return { point: points[q], ...at(q), sd: Math.sqrt(variance) };
}

type Candidate = Pick<Recommendation, "mean" | "probability">;

/** What is acceptable is better than what is not; of two that are not the more probable one is. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const [p, q] = [Math.min(a.probability ?? 1, leastProbability), Math.min(b.probability ?? 1, leastProbability)];
  return p === q ? a.mean < b.mean : p > q;
}
