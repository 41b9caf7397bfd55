import type { OutcomeConstraint } from "@superbatch/contracts";
import type { Point, SearchSpace } from "@superbatch/search-space";
import type { AlgorithmSpec } from "./algorithm-spec.ts";

/**
 * Turns a study and what is known of it into the next trials. Pure orchestration: it holds no state between calls but caches, and
 * the same request gives the same answer (a surrogate that fails being the one exception, which the answer then shows).
 *
 * Every value is **minimized**: the caller negates what is maximized.
 */
export interface SuggestionEngine {
  /**
   * The next `count` trials, in the order in which they should start; each is conditioned on those before it and on what is pending.
   * A failing surrogate does not fail the call: the next one that the study allows takes its place, with the reason in
   * {@link Suggestion.surrogateFailure}; after the last one the Sobol sequence, with the reason in {@link Suggestion.fallback}.
   *
   * @returns `count` suggestions. Where a finite space has nothing new left, an algorithm with a model repeats points, as replicates; of the others there are
   *   then fewer, and none once every point has a result, is infeasible or is pending.
   * @throws {RangeError} if the space or an observation is not valid: callers validate first.
   * @throws the signal's reason, once it aborts.
   */
  suggest(request: SuggestRequest, signal: AbortSignal): Promise<Suggestion[]>;

  /** The evaluated point that is best at the target fidelity; undefined before the first observation. */
  recommend(request: KnowledgeRequest, signal: AbortSignal): Promise<Recommendation | undefined>;

  /**
   * What more trials could still bring, by the model: see {@link ConvergenceEvidence}.
   *
   * @throws {RangeError} for an algorithm without a model or without observations; as the surrogate does.
   */
  convergence(request: ConvergenceRequest, signal: AbortSignal): Promise<ConvergenceEvidence>;

  /**
   * What the model says at given points, fidelities as they stand in each: up to their targets, also beyond what the space allows to
   * evaluate. @throws as the surrogate does.
   */
  query(request: QueryRequest, signal: AbortSignal): Promise<PosteriorAtPoint[]>;
}

/** What the optimizer knows of a study. */
export interface KnowledgeRequest {
  readonly space: SearchSpace;
  readonly algorithm: AlgorithmSpec;
  /** The study's seed. */
  readonly seed: string;
  /** Completed trials, oldest first. */
  readonly observations: readonly Observation[];
  /**
   * What the model sees of a value: the value itself, or its natural logarithm, where values below 1e-6 count as 1e-6.
   * @default "none"
   */
  readonly transform?: "none" | "log";
  /** Results of earlier studies, of each one those that are points of the space, in a fixed order. @default none */
  readonly priors?: readonly (readonly Observation[])[];
  /** Bounds that other metrics must keep at the target fidelity. @default none */
  readonly outcomeConstraints?: readonly OutcomeConstraint[];
}

export interface SuggestRequest extends KnowledgeRequest {
  /** Index in the study of the first suggestion asked for (0 for the first trial): the number of suggestions made before. */
  readonly sequence: number;
  /** Points that were found infeasible: evaluation itself is impossible there. */
  readonly infeasible: readonly Point[];
  /** Points of trials that are queued or running. */
  readonly pending: readonly Point[];
  /** How many suggestions are wanted, at least 1. */
  readonly count: number;
}

export interface ConvergenceRequest extends KnowledgeRequest {
  /** Indices of the observations whose effect is asked for: the latest. */
  readonly recent: readonly number[];
}

/** At the target fidelity; in the objective's unit, or relative to the recommendation's value where the model sees logarithms. */
export interface ConvergenceEvidence {
  /** Expected loss of the recommendation against the best point of the space: the value of perfect information. At least 0. */
  readonly expectedLoss: number;
  /** By how much the recent observations have lowered the recommendation's predicted value; Infinity if there are no others. */
  readonly improvement: number;
}

export interface QueryRequest extends KnowledgeRequest {
  /** As for {@link SuggestRequest}: the acquisition counts how likely a point is not to be among them. */
  readonly infeasible: readonly Point[];
  readonly points: readonly Point[];
  /** Leaves out the acquisition. @default false */
  readonly withoutAcquisition?: boolean | undefined;
}

/** One completed trial. */
export interface Observation {
  readonly point: Point;
  /** Objective, minimized; finite. */
  readonly value: number;
  /** What the trial spent, in the study's unit; positive and finite. */
  readonly cost: number;
  /** It was suggested to verify the model's minimizer. @default false */
  readonly verification?: boolean;
  /** Values of the constrained metrics, in the order of the constraints. Present where there are constraints. */
  readonly outcomes?: readonly number[];
}

/** Where a suggestion comes from. */
export type SuggestionOrigin =
  /** Quasi-random, before there is enough to fit a model to. */
  | "initial-design"
  /** Maximizes the algorithm's acquisition under its model. */
  | "model"
  /** Drawn by `random` or `sobol`, or the Sobol point that stands in for a surrogate that failed. */
  | "random"
  /** Raises the fidelity of a configuration that did well at a lower one (successive halving). */
  | "promotion";

export interface Suggestion {
  /** A valid point of the space, fidelities included. */
  readonly point: Point;
  readonly origin: SuggestionOrigin;
  /** Why this point; only for `origin: "model"`. */
  readonly explanation?: Explanation;
  /** What the model was fitted to; only for `origin: "model"` of an algorithm that asks a surrogate. */
  readonly fit?: FitSummary;
  /** The point was suggested before: the noise makes another evaluation worth its cost, or nothing new is left. */
  readonly replicate: boolean;
  /** Present when the model could not be used: why, in one sentence. */
  readonly fallback?: string;
  /** Name of the surrogate that was asked; absent for the optimizer's own, and for origins other than `model`. */
  readonly surrogate?: string;
  /** Why the study's own surrogate was not used, if another one took its place. */
  readonly surrogateFailure?: string;
}

/** What a suggestion's model was fitted to, and how. */
export interface FitSummary {
  /** Observations of this study that the surrogate was given. */
  readonly observations: number;
  /** Results that the study has. */
  readonly results: number;
  /** What the surrogate approximated, in words; absent for an exact model. */
  readonly approximation?: string;
  /** Largest value that was added to the diagonal of a covariance matrix, relative to its mean; absent if none was. */
  readonly jitter?: number;
}

/** What {@link Explanation.acquisition} is of a point that maximizes none, but is the model's minimizer. */
export const verification = "verification";

export interface Explanation {
  /** Name of the acquisition that was maximized, e.g. `entropy-search-per-cost`; or `verification`. */
  readonly acquisition: string;
  /** Its value at the point. */
  readonly acquisitionValue: number;
  /** Expected reduction of the entropy of p(x*) at the target, nats; for the entropy-search family. */
  readonly entropyReduction?: number;
  /** Expected cost of the trial, in the study's unit, without overhead. */
  readonly expectedCost?: number;
  /**
   * Probability that the point can be evaluated at all and that its x keeps the outcome constraints at the target; 1 while nothing was infeasible in a
   * study without constraints. Absent where the algorithm does not know it.
   */
  readonly feasibility?: number;
  /** The same hyperparameters at other fidelities, by ascending expected cost. */
  readonly alternatives: readonly Alternative[];
}

/** What the acquisition would have been at other fidelities. */
export interface Alternative {
  /** Fidelity values by parameter name, plain units. */
  readonly fidelities: Readonly<Record<string, number>>;
  readonly acquisitionValue: number;
  readonly entropyReduction?: number;
  readonly expectedCost?: number;
}

export interface Recommendation {
  /** The recommended hyperparameters with each fidelity at its target. */
  readonly point: Point;
  /**
   * Predicted objective at the target fidelity, in its own unit (where the model sees logarithms, their mean exponentiated: the median); the
   * observed value where the algorithm has no model.
   */
  readonly mean: number;
  /**
   * Standard deviation of that prediction in the objective's own unit; where the model sees logarithms, that of the logarithm times `mean`.
   * Absent without a model.
   */
  readonly standardDeviation?: number;
  /** Index into the observations of the trial that the point was taken from. */
  readonly observation: number;
  /** `model`: best posterior mean at the target. `observed`: best value among the trials of highest fidelity. */
  readonly basis: "model" | "observed";
  /** Probability that the outcome constraints hold: 0 or 1, as observed, without a model. Absent in a study without them. */
  readonly feasibility?: number;
}

/** The model at one point; every number averaged over the samples of its hyperparameters. */
export interface PosteriorAtPoint {
  /** Objective's mean, noise-free, in its own unit; where the model sees logarithms, their mean exponentiated. */
  readonly mean: number;
  /** Standard deviation, noise-free, on the scale that the model sees: of the logarithm under `transform: "log"`. */
  readonly standardDeviation: number;
  /** Expected cost, in the study's unit. */
  readonly expectedCost: number;
  /** Value of the algorithm's acquisition, feasibility included; absent for algorithms without one, and where it was not asked for. */
  readonly acquisition?: number;
}
