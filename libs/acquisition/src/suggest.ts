import type { Rng } from "@superbatch/random";
import type { Pause } from "./acquisition-function.ts";
import type { CandidateSpace } from "./candidate-space.ts";
import { type CandidateOptions, generateCandidates, refineCandidates } from "./candidates.ts";
import type { CostOptions } from "./expected-cost.ts";
import { entropy } from "./minimizer-distribution.ts";
import { createPointSet, includesPoint } from "./points.ts";
import type { ProbabilityModel } from "./probability-model.ts";
import { chooseRepresenters, type RepresenterOptions } from "./representers.ts";
import { type AcquisitionOptions, createScorer, type ScoredPoint } from "./scorer.ts";
import type { SurrogatePosterior } from "./surrogate-posterior.ts";

export interface SuggestOptions extends AcquisitionOptions, CandidateOptions, CostOptions, RepresenterOptions {
  /** Rounds of local refinement. At least 0. @default 3 */
  readonly rounds?: number;
  /** Two encoded points that differ by no more in any column are the same trial. @default 1e-6 */
  readonly replicateTolerance?: number;
  /**
   * How many times larger the value of repeating a trial must be than that of the best new one. At least 1. Where results hardly vary, a repetition tells
   * nothing and its gain says so already. Expected improvement repeats nothing as long as there is something new. @default 1.2
   */
  readonly replicateAdvantage?: number;
}

export interface SuggestRequest {
  readonly surrogate: SurrogatePosterior;
  readonly space: CandidateSpace;
  /** Encoded points of completed trials. At least one. */
  readonly evaluated: readonly Float64Array[];
  /** Encoded points of trials under way, or suggested and waiting: the suggestion takes their results into account before they are there. */
  readonly pending: readonly Float64Array[];
  /** Encoded points with results that the surrogate was not given, of a study with more than it takes: to suggest one is to repeat it. @default none */
  readonly alsoEvaluated?: readonly Float64Array[];
  /** Encoded points that cannot be evaluated: not suggested as long as any other candidate is left. @default none */
  readonly infeasible?: readonly Float64Array[];
  /** Probabilities that multiply the gain: feasibility, outcome constraints. @default none */
  readonly constraints?: readonly ProbabilityModel[];
  /** Probability that an x can be recommended, as outcome constraints at the target fidelity say: x* is the best x that can. @default any can */
  readonly recommendable?: ProbabilityModel | undefined;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
  /** Called now and then during the computation. @default it holds its thread between two calls of the surrogate */
  readonly pause?: Pause;
  readonly options?: SuggestOptions;
}

/** The next trial, and why. */
export interface Suggestion extends ScoredPoint {
  /** The point repeats an evaluated, pending or infeasible one: its noise makes that worth more than any new point (or nothing new is left). */
  readonly replicate: boolean;
  /** The same x at other fidelities, by ascending fidelity: what they would have brought, and cost. Empty for a space without fidelities. */
  readonly alternatives: readonly ScoredPoint[];
  /** Entropy of p(x*) before the trial, nats. */
  readonly entropy: number;
  /** The evaluated point with the lowest posterior mean at the target fidelity, moved there. */
  readonly incumbent?: Float64Array;
}

/**
 * Chooses the next trial (x, fidelities): the one with the largest gain per unit of expected cost, or plain gain (algorithms: section 3).
 * Deterministic in its arguments: the random stream is only forked.
 *
 * @throws {RangeError} if the space has no valid point; whatever the surrogate throws.
 */
export async function suggest(request: SuggestRequest): Promise<Suggestion> {
  const { surrogate, space, evaluated, pending, constraints = [], rng, signal, pause, options = {} } = request;
  const { alsoEvaluated = [], infeasible = [], recommendable } = request;
  const { rounds = 3, replicateTolerance = 1e-6, replicateAdvantage = 1.2 } = options;
  const representers = await chooseRepresenters({
    surrogate,
    space,
    evaluated,
    pending,
    constraints,
    recommendable,
    rng: rng.fork("representers"),
    signal,
    pause,
    options,
  });
  const common = { surrogate, space, representers, pending, constraints, signal, pause };
  const scorer = createScorer({ ...common, rng: rng.fork("scorer"), options });
  // A first look with few samples leaves the points that are worth a closer one; the two are never compared with one another.
  const screen =
    (options.acquisition ?? "entropy-search") === "entropy-search"
      ? createScorer({ ...common, rng: rng.fork("screen"), options: { ...options, samples: 16 } })
      : undefined;
  // What is reported deserves more of them.
  const explainer = createScorer({ ...common, rng: rng.fork("explainer"), options: { ...options, samples: 256 } });

  const generated = generateCandidates(space, representers, pending, rng.fork("candidates"), options);
  if (generated.length === 0)
    throw new RangeError("the space has no valid point: its constraints exclude all that were tried");
  const impossible = createPointSet(infeasible, replicateTolerance);
  const possible = (points: readonly Float64Array[]) => points.filter((point) => !impossible.has(point));
  const left = possible(generated);
  const candidates = left.length > 0 ? left : generated;
  const known = createPointSet([...evaluated, ...alsoEvaluated, ...pending, ...infeasible], replicateTolerance);
  const repeats = ({ point }: ScoredPoint) => known.has(point);
  // By falling value, where values underflow by their logarithms; of equals the first stays first. Where nothing is to be gained any more, what can be recommended comes first.
  const rank = (scored: readonly ScoredPoint[]) =>
    scored.toSorted(
      (a, b) =>
        // −∞ less −∞ is NaN, and stands for equal.
        b.value - a.value || b.logValue - a.logValue || (recommendable ? b.probability - a.probability : 0),
    );
  async function promising(points: readonly Float64Array[], fresh: number, repeated: number) {
    if (!screen) return points;
    const seen = rank(await screen.score(points));
    const kept = [...seen.filter((each) => !repeats(each)).slice(0, fresh), ...seen.filter(repeats).slice(0, repeated)];
    return kept.map(({ point }) => point);
  }

  let ranked = rank(await scorer.score(await promising(candidates, 40, 8)));
  const refinement = rng.fork("refinement");
  for (let round = 0; round < rounds; round++) {
    const best = ranked.slice(0, 6).map(({ point }) => point);
    const nearby = possible(refineCandidates(space, best, 96, 0.1 * 0.3 ** round, refinement));
    if (nearby.length > 0) ranked = rank([...ranked, ...(await scorer.score(await promising(nearby, 24, 4)))]);
  }

  const fresh = ranked.find((scored) => !repeats(scored));
  const top = ranked[0];
  const replicate = !fresh || (scorer.valuesRepetition && repeats(top) && top.value > replicateAdvantage * fresh.value);
  const chosen = replicate ? top : fresh;
  const others = fidelityAlternatives(space, chosen.point);
  const [explained, ...alternatives] = await explainer.explain([chosen.point, ...others]);
  return {
    ...explained,
    replicate,
    alternatives,
    entropy: entropy(representers.probability),
    ...(representers.incumbent && { incumbent: representers.incumbent }),
  };
}

/** The point with each fidelity in turn at 0, ¼, ½, ¾ and 1, made valid; without the point itself. */
export function fidelityAlternatives(space: CandidateSpace, point: Float64Array): Float64Array[] {
  const found: Float64Array[] = [];
  for (const column of space.fidelityColumns) {
    for (const fidelity of [0, 0.25, 0.5, 0.75, 1]) {
      const other = Float64Array.from(point);
      other[column] = fidelity;
      const valid = space.repair(other);
      if (valid && !includesPoint([point, ...found], valid, 1e-9)) found.push(valid);
    }
  }
  return found;
}
