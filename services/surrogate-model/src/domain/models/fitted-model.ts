import type { JointGaussian, Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { FitTask, LeaveOneOutSummary, ModelSummary } from "../task.ts";

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
   * How well each observation is predicted from all others. Absent where this kind of model does not tell.
   *
   * @param checkpoint - called from time to time; may throw to end the work, and may use other models meanwhile.
   * @returns undefined of fewer than 3 observations, or of an approximate model.
   */
  leaveOneOut?(checkpoint: () => void): LeaveOneOutSummary | undefined;
  /**
   * The model with further observations but the same hyperparameters. Absent where there is nothing to keep.
   *
   * @param checkpoint - called from time to time; may throw to end the work.
   */
  append?(x: Matrix, y: Float64Array, checkpoint: () => void): FittedModel;
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
  /** Whether observations can be added under hyperparameters inferred from others. */
  readonly appends: boolean;
  /** Whether the number of samples can be chosen. */
  readonly choosesSamples: boolean;
  /** Samples that a posterior averages over when nobody chooses; fewer of many observations. */
  readonly defaultSamples: number;
}
