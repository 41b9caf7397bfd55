import type { JointGaussian, Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";

/** What a model is fitted to: n observations of one output. */
export interface GpData {
  /** The D columns of x. */
  readonly dimensions: readonly Dimension[];
  /** n × D, encoded as {@link Dimension} says: NaN where a conditional dimension is inactive, finite elsewhere. */
  readonly x: Matrix;
  /** n values in the caller's unit. For the output "log-cost" the natural logarithm of the cost. */
  readonly y: Float64Array;
  /**
   * Expected standard deviation of the observation noise at the fidelities' targets, in y's unit, where the caller knows it: the
   * location of the noise's prior. @default unknown (a broad prior that favors little noise)
   */
  readonly noiseHint?: number;
}

/**
 * Shape of the covariance over the hyperparameters. `matern52` and `rbf` see the scaled Euclidean distance over all columns;
 * `matern52-product` multiplies one-dimensional Matérn kernels (Fabolas).
 */
export type KernelName = "matern52" | "rbf" | "matern52-product";

/** `scaled`: log-normal length scales that grow with √d (our default). `robo`: the priors of the reference implementation. */
export type PriorName = "scaled" | "robo";

/**
 * How observations at different fidelities are related. `task`: by the task kernel of the fidelity's basis alone, as in Fabolas. `task-and-distance`:
 * correlation also falls with the distance between fidelities, by a length scale of their own in the Matérn kernel; a task kernel with two basis
 * functions alone holds that two cheap fidelities determine the target exactly, which makes low fidelities look all too informative, and what costs a
 * fixed part and one in proportion to the fidelity all too dear beyond what was tried: its logarithm is no line. `distance`: by that length scale
 * alone, as if a fidelity were one more hyperparameter (for the output "log-cost" as `task-and-distance`).
 */
export type FidelityKernel = "task-and-distance" | "task" | "distance";

export interface FitOptions {
  /** Chooses the task kernels' bases: of quality (each fidelity's own basis), or φ(s) = (1, s) for log cost. */
  readonly output: "objective" | "log-cost";
  /** `mcmc` averages over samples of the hyperparameters' posterior, `map` takes its mode. */
  readonly inference: "mcmc" | "map";
  /** Samples that the model averages over with `mcmc`. At least 1. @default 10, or 5 above 500 observations */
  readonly samples?: number;
  /** Sweeps discarded before the first sample with `mcmc`. At least 0. @default 20, 4 with a warm start; above 500 observations 4 and 2 */
  readonly burnIn?: number;
  /** Sweeps from one sample to the next with `mcmc`. At least 1. @default 6 up to 200 observations, 3 up to 500, 1 above */
  readonly thinning?: number;
  /** @default "matern52" */
  readonly kernel?: KernelName;
  /** @default "scaled" */
  readonly priors?: PriorName;
  /** Lets the logarithm of the noise variance be linear in each fidelity. @default false */
  readonly fidelityNoise?: boolean;
  /** @default "task-and-distance" */
  readonly fidelityKernel?: FidelityKernel;
  /**
   * Maps each plain numeric dimension through a learned monotone function (Kumaraswamy's), for outputs that change faster at one end of a range
   * (Snoek et al. 2014). Adds two hyperparameters per dimension; not with `matern52-product`. @default false
   */
  readonly inputWarping?: boolean;
  /**
   * {@link GpModel.warmStart} of an earlier fit, to start from. Ignored if its hyperparameters are not those of this fit (other
   * dimensions, kernel or output). @default none
   */
  readonly warmStart?: HyperparameterState;
  /** Above this number of observations the model is fitted to a subset of that size (see {@link Approximation}). @default 2000 */
  readonly maxObservations?: number;
}

export interface FitControl {
  /** Asked between steps of the work, such as likelihood evaluations; true ends it with an `AbortError`. May itself use other models, and may throw. */
  readonly shouldStop?: () => boolean;
}

/** Where an inference stands, as plain JSON: what the next fit of the same study starts from. */
export interface HyperparameterState {
  /** Names of the hyperparameters, in the order of each position. */
  readonly names: readonly string[];
  /** Unconstrained hyperparameters of each sample, in standardized units. */
  readonly positions: readonly (readonly number[])[];
}

/** One sample of the hyperparameters. */
export interface HyperparameterSample {
  /** Log marginal likelihood of the standardized y plus log prior density (of the unconstrained hyperparameters), up to the prior's constant. */
  readonly logPosterior: number;
  /**
   * By name: `lengthScale.NAME` (encoded units), `amplitude` (variance of f at the target, y's unit squared), `noise` (variance at the
   * target, y's unit squared), `noiseSlope.NAME`, `mean` (y's unit), and the task kernel's `task.NAME.…`, the warping's `warp.NAME.a`
   * and `warp.NAME.b`.
   */
  readonly values: Readonly<Record<string, number>>;
}

/** How the model was obtained from all observations. */
export type Approximation =
  | { readonly kind: "exact" }
  /** `used` of `observations` observations were kept: the best ones at the highest fidelities, and others spread over the space. */
  | { readonly kind: "subset"; readonly used: number; readonly observations: number };

/** Leave-one-out predictions of each observation, in y's units, averaged over the hyperparameter samples (Rasmussen & Williams 2006, eq. 5.10 to 5.12). */
export interface LeaveOneOut {
  /** n: predictive means. */
  readonly mean: Float64Array;
  /** n: predictive variances of the observation (noise included; the mixture's variance). */
  readonly variance: Float64Array;
  /** n: logarithms of the mixture's predictive density at the observed value. */
  readonly logDensity: Float64Array;
}

/** A fitted Gaussian process. Immutable; holds no resources that would have to be freed. */
export interface GpModel {
  readonly dimensions: readonly Dimension[];
  /** Observations given, appended ones included. */
  readonly observations: number;
  readonly approximation: Approximation;
  /** One or more, equally weighted. */
  readonly samples: readonly HyperparameterSample[];
  /** The largest jitter that a factor needed, in units of y's variance; 0 where none did. */
  readonly jitter: number;
  readonly warmStart: HyperparameterState;
  /**
   * Joint posterior at R anchors and Q points (either may be 0), one per hyperparameter sample, in y's units. What concerns the
   * anchors alone is kept for the next call with the same anchors object.
   *
   * @param anchors - R × D, encoded
   * @param points - Q × D, encoded
   * @throws {RangeError} naming the element if a value is not finite (NaN is allowed where a dimension is conditional).
   */
  posterior(anchors: Matrix, points: Matrix): JointGaussian[];
  /**
   * The model with further observations, by extending its factors: hyperparameters and standardization stay as they are.
   *
   * @param x - m × D, encoded
   * @param y - m values in y's unit
   * @throws {RangeError} naming the element, as {@link fitGp}; an AbortError as there.
   */
  append(x: Matrix, y: Float64Array, control?: FitControl): GpModel;
  /** Takes as long as some evaluations of the likelihood. @throws an AbortError as {@link fitGp}. */
  leaveOneOut(control?: FitControl): LeaveOneOut;
}
