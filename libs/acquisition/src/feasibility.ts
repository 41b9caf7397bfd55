import type { Dimension } from "@superbatch/search-space";
import type { ProbabilityModel } from "./probability-model.ts";

/** Candidate bandwidths, in units of √D. */
const bandwidths = [0.05, 0.1, 0.2, 0.4, 0.8];

/** The prior counts as much as one trial at the very point. */
const priorWeight = 1;

/**
 * The probability that a trial does not turn out infeasible (out of memory, diverged, invalid combination), learned from completed
 * and infeasible trials: a kernel estimate with a Gaussian kernel over the encoded columns,
 *
 *     P(feasible | x) = (w₀ p₀ + Σ_i k(x, x_i) [i feasible]) / (w₀ + Σ_i k(x, x_i)),
 *
 * where p₀ = (feasible + 2) / (n + 2) leans to feasible and the bandwidth maximizes the leave-one-out likelihood. It is preferred to a
 * classifier with a latent Gaussian process for needing no inference: O(n) a point, never overconfident away from data, and good
 * enough for a factor that only has to keep trials out of bad regions. A categorical column, or one that is inactive in only one of the two
 * points, is 1 apart where it differs.
 *
 * @param dimensions - of the columns.
 * @param points - n encoded points of completed and infeasible trials.
 * @param feasible - n truth values.
 * @throws {RangeError} if the lengths differ.
 */
export function createFeasibilityModel(
  dimensions: readonly Dimension[],
  points: readonly Float64Array[],
  feasible: readonly boolean[],
): ProbabilityModel {
  if (points.length !== feasible.length) throw new RangeError(`${points.length} points, ${feasible.length} outcomes`);
  const successes = feasible.filter(Boolean).length;
  if (successes === points.length) return (matrix) => new Float64Array(matrix.rows).fill(1);
  const prior = (successes + 2) / (points.length + 2);
  const precision = bestPrecision(dimensions, points, feasible, prior);
  return (matrix) =>
    Float64Array.from({ length: matrix.rows }, (_, q) => {
      const point = matrix.data.subarray(q * matrix.columns, (q + 1) * matrix.columns);
      return estimate(
        points.map((other) => squaredDistance(dimensions, point, other)),
        feasible,
        prior,
        precision,
      );
    });
}

function estimate(
  distances: readonly number[],
  feasible: readonly boolean[],
  prior: number,
  precision: number,
): number {
  let weight = priorWeight;
  let success = priorWeight * prior;
  for (let i = 0; i < distances.length; i++) {
    const k = Math.exp(-distances[i] * precision);
    weight += k;
    if (feasible[i]) success += k;
  }
  return success / weight;
}

/** 1 / (2 h²) of the bandwidth h under which each outcome is best predicted by the others. */
function bestPrecision(
  dimensions: readonly Dimension[],
  points: readonly Float64Array[],
  feasible: readonly boolean[],
  prior: number,
): number {
  const distances = points.map((point, i) =>
    // At an infinite distance a point has no say about itself.
    points.map((other, j) => (i === j ? Number.POSITIVE_INFINITY : squaredDistance(dimensions, point, other))),
  );
  let best = Number.NEGATIVE_INFINITY;
  let chosen = 0;
  for (const bandwidth of bandwidths) {
    const precision = 1 / (2 * bandwidth * bandwidth * dimensions.length);
    let likelihood = 0;
    for (let i = 0; i < points.length; i++) {
      const p = estimate(distances[i], feasible, prior, precision);
      likelihood += Math.log(feasible[i] ? p : 1 - p);
    }
    if (likelihood > best) {
      best = likelihood;
      chosen = precision;
    }
  }
  return chosen;
}

function squaredDistance(dimensions: readonly Dimension[], a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < dimensions.length; d++) {
    const inactive = Number.isNaN(a[d]) || Number.isNaN(b[d]);
    if (inactive) sum += Number.isNaN(a[d]) && Number.isNaN(b[d]) ? 0 : 1;
    else if (dimensions[d].kind === "categorical") sum += a[d] === b[d] ? 0 : 1;
    else sum += (a[d] - b[d]) ** 2;
  }
  return sum;
}
