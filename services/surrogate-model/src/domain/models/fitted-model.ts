import type { JointGaussian, Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { FitTask, ModelSummary } from "../task.ts";

/** A fitted model of one output, whatever its kind. Immutable. */
export interface FittedModel {
  readonly summary: ModelSummary;
  /**
   * One Gaussian per sample.
   *
   * @param checkpoint - called from time to time; may throw to end the work.
   */
  posterior(anchors: Matrix, points: Matrix, checkpoint: () => void): JointGaussian[];
  /**
   * The model with further observations but the same hyperparameters. Absent where there is nothing to keep.
   *
   * @param allY - the values of all observations, the new ones last
   */
  append?(x: Matrix, y: Float64Array, allY: Float64Array): FittedModel;
}

/**
 * Fits one output.
 *
 * @param checkpoint - called often; may throw to end the work, and may use other models meanwhile.
 */
export type FitModel = (task: FitTask, rng: Rng, checkpoint: () => void) => FittedModel;

/** What a kind of model can do. */
export interface ModelKind {
  /** As Describe says it. */
  readonly name: string;
  readonly modelsFidelities: boolean;
  readonly appends: boolean;
  /** Samples that a posterior averages over when the request does not say; absent: a matter of configuration. */
  readonly defaultSamples?: number;
}
