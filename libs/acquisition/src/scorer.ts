import type { Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import { type Acquisition, type AcquisitionName, createAcquisition } from "./acquisition.ts";
import { type AcquisitionFunction, averageGains, type Gains, type Pause } from "./acquisition-function.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { type CostOptions, expectedCost } from "./expected-cost.ts";
import { conditionOnPending } from "./pending.ts";
import { pointMatrix } from "./points.ts";
import type { ProbabilityModel } from "./probability-model.ts";
import type { Representers } from "./representers.ts";
import type { SurrogatePosterior } from "./surrogate-posterior.ts";

export interface AcquisitionOptions {
  /**
   * What an observation is worth. `expected-improvement` judges a trial by its own value and is meant for candidates at the target fidelity; the
   * others value what any fidelity tells about the target.
   *
   * @default "entropy-search"
   */
  readonly acquisition?: AcquisitionName;
  /** Divides the gain by the expected cost. @default true */
  readonly perCost?: boolean;
  /**
   * Monte Carlo samples of the anchors per hyperparameter sample, S. A power of two of at least 16. All candidates share them, so that few will
   * do to rank candidates of similar information. The entropies are biased upwards nevertheless, and those that tell little the more: see
   * `createEntropySearch`.
   *
   * @default 64; 256 for `max-value-entropy`
   */
  readonly samples?: number;
}

/** A point, and what is expected of a trial there. */
export interface ScoredPoint {
  readonly point: Float64Array;
  /** What was maximized: gain × probability of being acceptable / (expected cost + overhead). 0 too where that underflows. */
  readonly value: number;
  /** Its natural logarithm, which does not underflow; −∞ where nothing can be gained. */
  readonly logValue: number;
  /** Expected gain in the acquisition's unit. */
  readonly gain: number;
  /** Expected reduction of the entropy of p(x*), nats. Only where it was the acquisition, or asked for by `explain`. */
  readonly entropyReduction?: number;
  /** In the unit of the observed costs, without overhead. Absent if the gain is not divided by cost. */
  readonly expectedCost?: number;
  /** Probability that the trial is acceptable; 1 without constraints. */
  readonly probability: number;
}

export interface ScorerRequest {
  readonly surrogate: SurrogatePosterior;
  readonly space: CandidateSpace;
  readonly representers: Representers;
  readonly pending: readonly Float64Array[];
  readonly constraints: readonly ProbabilityModel[];
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then during the computation. @default it holds its thread between two calls of the surrogate */
  readonly pause?: Pause | undefined;
  readonly options?: (AcquisitionOptions & CostOptions) | undefined;
}

/** Values many candidates at once, round after round with the same random numbers. */
export interface Scorer {
  /** Whether repeating a trial can be worth anything. */
  readonly valuesRepetition: boolean;
  score(points: readonly Float64Array[]): Promise<ScoredPoint[]>;
  /** As `score`, with the entropy reduction whatever the acquisition is. */
  explain(points: readonly Float64Array[]): Promise<ScoredPoint[]>;
}

/** Joins the acquisition, the cost model and the constraints: each call asks the surrogate twice, at the same time. */
export function createScorer(request: ScorerRequest): Scorer {
  const { surrogate, space, pending, constraints, signal, options = {} } = request;
  const { acquisition: name = "entropy-search", perCost = true } = options;
  const samples = options.samples ?? (name === "max-value-entropy" ? 256 : 64);
  const columns = space.dimensions.length;
  const pendingAnchors = pointMatrix(pending, columns);
  const acquisition = createAcquisition(name, { ...request, samples });
  const gains = gainsBy(acquisition, request);
  const reductions =
    name === "entropy-search" ? gains : gainsBy(createAcquisition("entropy-search", { ...request, samples }), request);

  async function evaluate(points: readonly Float64Array[], entropyToo: boolean): Promise<ScoredPoint[]> {
    const matrix = pointMatrix(points, columns);
    const [{ gain, logGain }, reduction, logCost, ...probabilities] = await Promise.all([
      gains(matrix),
      entropyToo && reductions !== gains ? reductions(matrix) : undefined,
      perCost ? surrogate("log-cost", pendingAnchors, matrix, signal) : undefined,
      ...constraints.map((constraint) => constraint(matrix)),
    ]);
    const entropyReduction = name === "entropy-search" ? gain : reduction?.gain;
    const cost =
      logCost &&
      expectedCost(
        logCost.map((posterior) => conditionOnPending(posterior, pending.length)),
        options,
      );
    return points.map((point, q) => {
      const probability = probabilities.reduce((product, each) => product * each[q], 1);
      const inverse = cost ? cost.inverse[q] : 1;
      return {
        point,
        value: gain[q] * probability * inverse,
        logValue: probabilities.reduce((sum, each) => sum + Math.log(each[q]), logGain[q] + Math.log(inverse)),
        gain: gain[q],
        probability,
        ...(entropyReduction && { entropyReduction: entropyReduction[q] }),
        ...(cost && { expectedCost: cost.cost[q] }),
      };
    });
  }

  return {
    valuesRepetition: acquisition.valuesRepetition,
    score: (points) => evaluate(points, false),
    explain: (points) => evaluate(points, true),
  };
}

/** Asks the surrogate what the acquisition needs to know of points, and values them. */
function gainsBy(
  { anchors, awaited, create }: Acquisition,
  { surrogate, space, signal, pause }: ScorerRequest,
): (points: Matrix) => Promise<Gains> {
  const matrix = pointMatrix([...anchors, ...awaited], space.dimensions.length);
  let made: AcquisitionFunction | undefined;
  return async (points) => {
    const joint = await surrogate("objective", matrix, points, signal);
    const posteriors = joint.map((posterior) => conditionOnPending(posterior, awaited.length));
    made ??= create(posteriors);
    return averageGains(made, posteriors, pause);
  };
}
