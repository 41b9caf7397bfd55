import type { GaussianProcessOptions, Inference } from "@superbatch/contracts";

/** How the points of a study are chosen. Counts of 0 or absent options stand for their defaults. */
export type AlgorithmSpec =
  | EntropySearchSpec
  | MaxValueEntropySpec
  | KnowledgeGradientSpec
  | FabolasSpec
  | ExpectedImprovementSpec
  | TpeSpec
  | SuccessiveHalvingSpec
  | RandomSpec
  | SobolSpec;

/** What every algorithm that evaluates at one fidelity takes. */
interface FixedFidelities {
  /**
   * Values at which fidelities are held, by parameter name in plain units. The recommendation of a model stays that at the target.
   * @default each at its domain's maximum
   */
  readonly fidelities?: Readonly<Record<string, number>>;
}

/** What the model-based algorithms share. */
export interface ModelOptions {
  /**
   * Distinct hyperparameter points of the initial design, range [1, 1000].
   * @default half the hyperparameters + 2, between 3 and 8
   */
  readonly initialPoints?: number;
  /** Samples of the surrogate's hyperparameters, range [1, 100]. @default the surrogate's */
  readonly hyperparameterSamples?: number;
  /** How the surrogate's hyperparameters are inferred. @default "mcmc" */
  readonly inference?: Inference;
  /** What its Gaussian processes assume. */
  readonly gaussianProcess?: GaussianProcessOptions;
  /**
   * Cost of a suggestion itself, added to each expected cost, in the study's unit; at least 0.
   * @default 0, as published
   */
  readonly overhead?: number;
  /** Do not divide by the expected cost. @default false */
  readonly ignoreCost?: boolean;
  /** Name or address of the surrogate. @default the optimizer's own */
  readonly surrogate?: string;
  /** What takes its place when it fails or is late. @default the optimizer's own */
  readonly fallbackSurrogate?: string;
  /** Seconds after which a surrogate is late, above 0 and at most 3600. @default 300 */
  readonly surrogateSeconds?: number;
}

/** What the algorithms take that choose hyperparameters and fidelities by what a trial tells about the target, per unit of expected cost. */
export interface MultiFidelityOptions extends ModelOptions {
  /** Fidelity levels, low to middle, at which each initial point is evaluated, range [1, 10]. @default 2 with a fidelity, else 1 */
  readonly initialFidelities?: number;
  /** How many of the initial points are evaluated at all of these levels, the others at the lowest alone, range [1, 1000]. @default all */
  readonly pairedPoints?: number;
  /** Points at the target that stand for the space, range [2, 500]. @default 50 */
  readonly representers?: number;
  /**
   * Share of the study's cost, in [0, 1], for evaluating the model's minimizer at the highest fidelity, so that a model that does not fit the
   * problem is found out. 0 is as published.
   * @default 0.2
   */
  readonly verification?: number;
  /**
   * If present, fidelities are held here rather than chosen (plain entropy search at a fixed super-batch); an empty record holds each
   * at its domain's maximum. p(x*) stays that at the target, and so does the recommendation: where the target is elsewhere, the model extrapolates to it.
   */
  readonly fidelities?: Readonly<Record<string, number>>;
}

/** Reduction of the entropy of p(x*) at the target fidelity. */
export interface EntropySearchSpec extends MultiFidelityOptions {
  readonly kind: "entropy-search";
}

/** Information about the minimum at the target fidelity (Wang and Jegelka 2017, Takeno et al. 2020). */
export interface MaxValueEntropySpec extends MultiFidelityOptions {
  readonly kind: "max-value-entropy";
}

/** Expected fall of the lowest posterior mean at the target fidelity (Frazier et al. 2009, Wu et al. 2020). */
export interface KnowledgeGradientSpec extends MultiFidelityOptions {
  readonly kind: "knowledge-gradient";
}

/**
 * Entropy search without verification, its initial design at the fidelities of Klein et al. (2017): 1/256, 1/128 and 1/64 of the target, where the domain
 * allows. The surrogate and the number of initial points are ours.
 */
export interface FabolasSpec extends ModelOptions {
  readonly kind: "fabolas";
  /** Representer points of p(x*), range [2, 500]. @default 50 */
  readonly representers?: number;
}

/**
 * Expected improvement at fixed fidelities on the best of the evaluated points and pending trials, per unit of expected cost. Points are ranked on its
 * logarithm, which does not underflow; what is reported is its value, in the model's unit of the objective.
 */
export interface ExpectedImprovementSpec extends ModelOptions, FixedFidelities {
  readonly kind: "expected-improvement";
}

/** Tree-structured Parzen estimator (Bergstra et al. 2011) at fixed fidelities. */
export interface TpeSpec extends FixedFidelities {
  readonly kind: "tpe";
  /** Sobol points before the estimator is used, range [1, 1000]. @default 10 */
  readonly initialPoints?: number;
}

/** Asynchronous successive halving (Li et al. 2020), with several brackets Hyperband, along one fidelity; the others are at their maximum. */
export interface SuccessiveHalvingSpec {
  readonly kind: "asha";
  /** Name of the fidelity that makes the rungs. @default the space's first */
  readonly fidelity?: string;
  /** One in this many moves up from a rung, range [2, 16]. @default 3 */
  readonly reductionFactor?: number;
  /** Brackets, each of which starts its configurations one rung higher; at most the number of rungs. @default 1 */
  readonly brackets?: number;
}

/** Independent uniform points. */
export interface RandomSpec extends FixedFidelities {
  readonly kind: "random";
}

/** A scrambled Sobol sequence. */
export interface SobolSpec extends FixedFidelities {
  readonly kind: "sobol";
}
