import { setImmediate } from "node:timers/promises";
import {
  acceptableIn,
  chooseRepresenters,
  leastProbability,
  normalBaseSamples,
  type ProbabilityModel,
  pointMatrix,
  recommend,
  type SurrogatePosterior,
  samePoint,
} from "@superbatch/acquisition";
import { cholesky, createMatrix, type JointGaussian, type Matrix, multiply } from "@superbatch/linalg";
import type { ConvergenceEvidence } from "./engine.ts";
import type { StudyData } from "./study-data.ts";

/** Joint draws of the objective: the expected loss is then known to about a tenth of itself. */
const draws = 512;

/**
 * Whether a study has converged, as far as its model can tell.
 *
 * 1. Expected loss: E[f(recommendation) − min f] over joint posterior draws of the objective at the recommendation and the representer points, all
 *    at the target. It is the value of perfect information (Howard 1966; Frazier 2018, section 4): no further trial, and no number of them, can be
 *    expected to gain more.
 * 2. Improvement: the difference of the lowest posterior means at the target over the x evaluated without the recent observations, and over all.
 *
 * In a study with outcome constraints both are about the x that can be recommended; as long as there is none, everything is still to be gained.
 *
 * @param recent - indices of observations.
 * @param recommendable - probability that an x can be recommended; absent: any can.
 * @throws {RangeError} without observations; whatever the model throws.
 */
export async function convergenceEvidence(
  data: StudyData,
  model: SurrogatePosterior,
  recent: readonly number[],
  signal: AbortSignal,
  recommendable?: ProbabilityModel,
): Promise<ConvergenceEvidence> {
  const { candidates: space, x: evaluated, rng } = data;
  const shared = { surrogate: model, space, signal, recommendable };
  const isUnmet = ({ probability = 1 }: { probability?: number }) => probability < leastProbability;
  const recommended = await recommend({ ...shared, evaluated });
  const older = evaluated.filter((_, i) => !recent.includes(i));
  const formerly = older.length > 0 ? await recommend({ ...shared, evaluated: older }) : undefined;
  const before = formerly && !isUnmet(formerly) ? formerly.mean : Number.POSITIVE_INFINITY;
  if (isUnmet(recommended)) return { expectedLoss: Number.POSITIVE_INFINITY, improvement: Number.POSITIVE_INFINITY };

  const { points, acceptable } = await chooseRepresenters({
    ...shared,
    evaluated,
    pending: [],
    constraints: recommendable ? [recommendable] : [],
    rng: rng.fork("convergence"),
    pause: setImmediate,
  });
  const rivals = [...points.keys()].filter((r) => !samePoint(points[r]!, recommended.point, 0));
  const others = rivals.map((r) => points[r]!);
  // The recommendation itself is taken as acceptable: what it loses is the question.
  const isAcceptable = acceptable && acceptableIn(Float64Array.of(1, ...rivals.map((r) => acceptable[r]!)));
  const columns = space.dimensions.length;
  const joint = await model(
    "objective",
    pointMatrix([recommended.point, ...others], columns),
    createMatrix(0, columns),
    signal,
  );
  const base = normalBaseSamples(others.length + 1, draws, rng.fork("convergence draws"));
  // Differences of logarithms are relative differences of values.
  const inUnit = (difference: number) => (data.scale.logarithmic ? -Math.expm1(-difference) : difference);
  let loss = 0;
  for (const posterior of joint) {
    await setImmediate();
    loss += meanLoss(posterior, base, inUnit, isAcceptable);
  }
  return { expectedLoss: loss / joint.length, improvement: inUnit(Math.max(0, before - recommended.mean)) };
}

/** Mean over the draws of what the first point loses against the best of those that are acceptable in the draw. */
function meanLoss(
  { anchorMean, anchorCovariance }: JointGaussian,
  base: Matrix,
  inUnit: (difference: number) => number,
  isAcceptable: (point: number, draw: number) => boolean = () => true,
): number {
  const { factor } = cholesky(anchorCovariance);
  const deviations = multiply(factor, base);
  let sum = 0;
  for (let s = 0; s < base.columns; s++) {
    const value = (r: number) => anchorMean[r]! + deviations.data[r * base.columns + s]!;
    let lowest = value(0);
    for (let r = 1; r < anchorMean.length; r++) if (isAcceptable(r, s)) lowest = Math.min(lowest, value(r));
    sum += inUnit(value(0) - lowest);
  }
  return sum / base.columns;
}
