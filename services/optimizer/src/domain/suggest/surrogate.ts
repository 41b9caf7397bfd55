import type { SurrogatePosterior } from "@superbatch/acquisition";
import type { GaussianProcessOptions, Inference } from "@superbatch/contracts";
import type { Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";

/** What fits models of objective and cost: the surrogate service in production, a model in process in tests. */
export interface Surrogate {
  /**
   * Fits a model of the objective and one of the logarithm of cost. A pure function of data and options.
   *
   * @returns the model, which may be asked for as long as the engine works on one request
   * @throws if the model cannot be fitted; the signal's reason, once it aborts.
   */
  fit(data: SurrogateData, options: SurrogateFitOptions, signal: AbortSignal): Promise<SurrogateModel>;
}

/** A fitted model's posterior. */
export interface SurrogateModel extends SurrogatePosterior {
  /** Absent if the surrogate tells nothing. */
  readonly report?: FitReport;
}

/** What a surrogate did that is not what it was asked for. */
export interface FitReport {
  /** What it approximated, in words; empty for an exact model. */
  readonly approximation: string;
  /** Largest value added to the diagonal of the objective's covariance matrix, or of the cost's, relative to its mean; 0: none. */
  readonly jitter: number;
}

export function withReport(posterior: SurrogatePosterior, report: FitReport | undefined): SurrogateModel {
  return report ? Object.assign(posterior, { report }) : posterior;
}

/** n observations, oldest first. */
export interface SurrogateData {
  readonly dimensions: readonly Dimension[];
  /** n × D encoded points. */
  readonly x: Matrix;
  /** n values, lower is better. */
  readonly y: Float64Array;
  /** n positive costs. */
  readonly cost: Float64Array;
}

/** What a study chooses of its models. */
export interface ModelChoice {
  /** Samples of the hyperparameters. @default the surrogate's */
  readonly samples?: number;
  /** How hyperparameters are inferred. @default "mcmc" */
  readonly inference?: Inference;
  /** What Gaussian processes assume. */
  readonly gaussianProcess?: GaussianProcessOptions;
}

export interface SurrogateFitOptions extends ModelChoice {
  /** Below 2^53. */
  readonly seed: number;
  /**
   * Hyperparameters are inferred from so many of the first observations, the others only added: a fraction of the time. A surrogate that
   * cannot do this infers them from all. 1 … n.
   * @default n
   */
  readonly inferFrom?: number;
}
