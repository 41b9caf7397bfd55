import type { Rng } from "@superbatch/random";
import { type AcquisitionFunction, averageGains, type Pause } from "./acquisition-function.ts";
import { normalBaseSamples } from "./base-samples.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { createEntropySearch } from "./entropy-search.ts";
import { type CostOptions, expectedCost } from "./expected-cost.ts";
import { createExpectedImprovement } from "./expected-improvement.ts";
import { createKnowledgeGradient } from "./knowledge-gradient.ts";
import { createMaxValueEntropy } from "./max-value-entropy.ts";
import { conditionOnPending } from "./pending.ts";
import { pointMatrix } from "./points.ts";
import type { ProbabilityModel } from "./probability-model.ts";
import type { SurrogatePosterior } from "./surrogate-posterior.ts";

export type AcquisitionName = "entropy-search" | "max-value-entropy" | "knowledge-gradient" | "expected-improvement";

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
   * Monte Carlo samples of the representers per hyperparameter sample, S. A power of two of at least 16. The ranking of candidates needs few:
   * the finite-sample bias of the entropies is common to all.
   *
   * @default 64; 256 for `max-value-entropy`
   */
  readonly samples?: number;
}

/** A point, and what is expected of a trial there. */
export interface ScoredPoint {
  readonly point: Float64Array;
  /** What was maximized: gain × probability of being acceptable / (expected cost + overhead). */
  readonly value: number;
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
  /** R points at the target. */
  readonly representers: readonly Float64Array[];
  readonly pending: readonly Float64Array[];
  readonly constraints: readonly ProbabilityModel[];
  /** R probabilities that the representers are acceptable as x*: see {@link acceptableIn}. Not for every acquisition: entropy search and expected improvement. @default all are */
  readonly acceptable?: Float64Array | undefined;
  readonly rng: Rng;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then during the computation. @default it holds its thread between two calls of the surrogate */
  readonly pause?: Pause | undefined;
  readonly options?: (AcquisitionOptions & CostOptions) | undefined;
}

/** Values many candidates at once, round after round with the same random numbers. */
export interface Scorer {
  score(points: readonly Float64Array[]): Promise<ScoredPoint[]>;
  /** As `score`, with the entropy reduction whatever the acquisition is. */
  explain(points: readonly Float64Array[]): Promise<ScoredPoint[]>;
}

/** Joins the acquisition, the cost model and the constraints: each call asks the surrogate twice, at the same time. */
export function createScorer(request: ScorerRequest): Scorer {
  const {
    surrogate,
    space,
    representers,
    pending,
    constraints,
    acceptable,
    rng,
    signal,
    pause,
    options = {},
  } = request;
  const { acquisition = "entropy-search", perCost = true } = options;
  const samples = options.samples ?? (acquisition === "max-value-entropy" ? 256 : 64);
  const columns = space.dimensions.length;
  const anchors = pointMatrix([...representers, ...pending], columns);
  const pendingAnchors = pointMatrix(pending, columns);
  const base = normalBaseSamples(representers.length, samples, rng);
  const functions = new Map<AcquisitionName, AcquisitionFunction>();

  async function evaluate(points: readonly Float64Array[], entropyToo: boolean): Promise<ScoredPoint[]> {
    const matrix = pointMatrix(points, columns);
    const [objective, logCost, ...probabilities] = await Promise.all([
      surrogate("objective", anchors, matrix, signal),
      perCost ? surrogate("log-cost", pendingAnchors, matrix, signal) : undefined,
      ...constraints.map((constraint) => constraint(matrix)),
    ]);
    const posteriors = objective.map((posterior) => conditionOnPending(posterior, pending.length));
    const gainBy = (name: AcquisitionName) => {
      const known = functions.get(name) ?? create(name, posteriors);
      functions.set(name, known);
      return averageGains(known, posteriors, pause);
    };
    const gain = await gainBy(acquisition);
    const reduction = acquisition === "entropy-search" ? gain : entropyToo ? await gainBy("entropy-search") : undefined;
    const cost =
      logCost &&
      expectedCost(
        logCost.map((posterior) => conditionOnPending(posterior, pending.length)),
        options,
      );
    return points.map((point, q) => {
      const probability = probabilities.reduce((product, each) => product * each[q], 1);
      return {
        point,
        value: gain[q] * probability * (cost ? cost.inverse[q] : 1),
        gain: gain[q],
        probability,
        ...(reduction && { entropyReduction: reduction[q] }),
        ...(cost && { expectedCost: cost.cost[q] }),
      };
    });
  }

  function create(
    name: AcquisitionName,
    posteriors: Parameters<typeof createKnowledgeGradient>[0],
  ): AcquisitionFunction {
    switch (name) {
      case "entropy-search":
        return createEntropySearch(posteriors, base, { acceptable });
      case "max-value-entropy":
        return createMaxValueEntropy(posteriors, base);
      case "knowledge-gradient":
        return createKnowledgeGradient(posteriors);
      case "expected-improvement":
        return createExpectedImprovement(posteriors, base, acceptable);
    }
  }

  return { score: (points) => evaluate(points, false), explain: (points) => evaluate(points, true) };
}
