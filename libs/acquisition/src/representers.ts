import type { JointGaussian } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import { onlyAcceptable } from "./acceptable.ts";
import type { Pause } from "./acquisition-function.ts";
import { normalBaseSamples } from "./base-samples.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { thompsonFrequencies } from "./minimizer-distribution.ts";
import { conditionOnPending } from "./pending.ts";
import { perturb } from "./perturbation.ts";
import { distinctPoints, pointMatrix } from "./points.ts";
import type { ProbabilityModel } from "./probability-model.ts";
import { sobolPoints } from "./sobol-points.ts";
import type { SurrogatePosterior } from "./surrogate-posterior.ts";
import { averageMean, logTargetImprovement } from "./target-improvement.ts";

export interface RepresenterOptions {
  /** Number of representer points, R. At least 2. @default 50 */
  readonly representers?: number;
  /** Quasi-random points at the target from which representers are found. At least 1. @default 512 */
  readonly pool?: number;
}

export interface RepresenterRequest {
  readonly surrogate: SurrogatePosterior;
  readonly space: CandidateSpace;
  /** Points of completed trials. */
  readonly evaluated: readonly Float64Array[];
  readonly pending: readonly Float64Array[];
  /** Probabilities by which the expected improvement is multiplied. */
  readonly constraints: readonly ProbabilityModel[];
  /** Probability that an x can be recommended. p(x*) is of the best x that can: outcome constraints. @default any can */
  readonly recommendable?: ProbabilityModel | undefined;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then during the computation. @default it holds its thread between two calls of the surrogate */
  readonly pause?: Pause | undefined;
  readonly options?: RepresenterOptions | undefined;
}

export interface Representers {
  /** R points at the target, distinct, by falling probability of being the minimizer. */
  readonly points: readonly Float64Array[];
  /** R: p(x*) among them, averaged over the hyperparameter samples. */
  readonly probability: Float64Array;
  /** R: probability that each can be recommended; absent if any can. */
  readonly acceptable?: Float64Array;
  /** Evaluated points that can be recommended, moved to the target, distinct, by rising posterior mean there. */
  readonly evaluated: readonly Float64Array[];
  /** Pending points that will count as those do, as far as can be told; while nothing is evaluated at least one, if there is one. */
  readonly pendingReferences: readonly Float64Array[];
  /** The first of the evaluated ones, if there is one; always among the points. */
  readonly incumbent?: Float64Array;
}

/**
 * Representer points: the points over which p(x*) is represented, all at the target fidelity (algorithms: section 3, step 1).
 *
 * 1. Marginals of the evaluated x and a quasi-random pool, all moved to the target, give the incumbent and expected improvements.
 * 2. Neighbors of the best of them, at three scales, are added; so the points follow the minimum as it narrows down.
 * 3. Three times as many as needed are drawn without replacement with chances in proportion to expected improvement (Gumbel's trick).
 * 4. Joint samples of these (Thompson sampling) tell how often each is the minimizer; the most frequent are kept.
 *
 * Steps 3 and 4 spread the points as p(x*) itself is spread, without a covariance matrix of the whole pool.
 */
export async function chooseRepresenters(request: RepresenterRequest): Promise<Representers> {
  const { surrogate, space, evaluated, pending, recommendable, rng, signal, pause } = request;
  const { representers = 50, pool = 512 } = request.options ?? {};
  const columns = space.dimensions.length;
  const none = pointMatrix([], columns);

  const distinct = distinctPoints(evaluated.map((point) => space.target(point)));
  const started = [...distinct, ...pending];
  const chance = started.length > 0 ? await recommendable?.(pointMatrix(started, columns)) : undefined;
  const references = onlyAcceptable(distinct, chance?.subarray(0, distinct.length));
  const atLeastOne = distinct.length === 0;
  const pendingReferences = onlyAcceptable(pending, chance?.subarray(distinct.length), { atLeastOne });
  const spread = distinctPoints([...references, ...sobolPoints(space, pool, rng).map((point) => space.target(point))]);
  const broad = await surrogate("objective", none, pointMatrix(spread, columns), signal);
  const broadLog = await weightedLog(broad, references.length, spread, request);
  const ordered = ascending(averageMean(broad).subarray(0, references.length)).map((i) => references[i]);
  const incumbent = ordered.at(0);

  const centers = descending(broadLog)
    .slice(0, 8)
    .map((i) => spread[i]);
  if (incumbent) centers.push(incumbent, incumbent, incumbent, incumbent);
  const near = neighbors(space, centers, pool / 2, rng.fork("neighbors")).map((point) => space.target(point));
  // The references come first again: improvement is measured against them.
  const local = await surrogate("objective", none, pointMatrix([...references, ...near], columns), signal);
  const localLog = await weightedLog(local, references.length, [...references, ...near], request);

  const points = [...spread, ...near];
  const log = [...broadLog, ...localLog.subarray(references.length)];
  const gumbel = rng.fork("gumbel");
  const keys = Float64Array.from(log, (value) => value - Math.log(-Math.log(gumbel.uniform())));
  const drawn = descending(keys)
    .slice(0, 3 * representers)
    .map((i) => points[i]);
  const shortlist = distinctPoints(incumbent ? [incumbent, ...drawn] : drawn);

  const anchors = pointMatrix([...shortlist, ...pending], columns);
  const joint = await surrogate("objective", anchors, none, signal);
  const base = normalBaseSamples(shortlist.length, 256, rng.fork("thompson"));
  const acceptable = await recommendable?.(pointMatrix(shortlist, columns));
  const p = new Float64Array(shortlist.length);
  for (const posterior of joint) {
    await pause?.();
    const each = thompsonFrequencies(conditionOnPending(posterior, pending.length), base, acceptable);
    for (let i = 0; i < p.length; i++) p[i] += each[i] / joint.length;
  }
  const kept = descending(p).slice(0, representers);
  if (incumbent && !kept.includes(0)) kept[kept.length - 1] = 0;
  const total = kept.reduce((sum, i) => sum + p[i], 0);
  return {
    points: kept.map((i) => shortlist[i]),
    probability: Float64Array.from(kept, (i) => p[i] / total),
    evaluated: ordered,
    pendingReferences,
    ...(acceptable && { acceptable: Float64Array.from(kept, (i) => acceptable[i]) }),
    ...(incumbent && { incumbent }),
  };
}

function neighbors(space: CandidateSpace, centers: readonly Float64Array[], count: number, rng: Rng): Float64Array[] {
  const scales = [0.1, 0.03, 0.01];
  const found: Float64Array[] = [];
  for (let i = 0; i < count && centers.length > 0; i++) {
    const point = perturb(space, centers[i % centers.length], scales[rng.integer(scales.length)], rng);
    if (point) found.push(point);
  }
  return found;
}

async function weightedLog(
  posteriors: readonly JointGaussian[],
  references: number,
  points: readonly Float64Array[],
  { constraints, space }: RepresenterRequest,
): Promise<Float64Array> {
  const log = logTargetImprovement(posteriors, references);
  for (const constraint of constraints) {
    const probability = await constraint(pointMatrix(points, space.dimensions.length));
    for (let i = 0; i < log.length; i++) log[i] += Math.log(probability[i]);
  }
  return log;
}

function descending(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
}

function ascending(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);
}
