import type { SurrogatePosterior } from "@superbatch/acquisition";
import type { Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";

/** What fits models of objective and cost: the surrogate service in production, a model in process in tests. */
export interface Surrogate {
  /**
   * Fits a model of the objective and one of the logarithm of cost. A pure function of data and options.
   *
   * @returns the model's posterior, which may be asked for as long as the engine works on one request
   * @throws if the model cannot be fitted; the signal's reason, once it aborts.
   */
  fit(data: SurrogateData, options: SurrogateFitOptions, signal: AbortSignal): Promise<SurrogatePosterior>;
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

export interface SurrogateFitOptions {
  /** Below 2^53. */
  readonly seed: number;
  /** Samples of the hyperparameters. @default the surrogate's */
  readonly samples?: number;
  /**
   * Hyperparameters are inferred from so many of the first observations, the others only added: a fraction of the time. A surrogate that
   * cannot do this infers them from all. 1 … n.
   * @default n
   */
  readonly inferFrom?: number;
}
