import type { Cost } from "./cost.ts";

/** A point of the learning curve: one evaluation. */
export interface LearningCurvePoint {
  /** Gradient steps so far. */
  readonly step: number;
  /** Examples that took part in gradient steps, over the number of training examples. */
  readonly epoch: number;
  /** Mean weighted loss (the one that is differentiated) of the steps since the last point. */
  readonly trainLoss: number;
  /** Share of the validation examples that are classified wrongly. */
  readonly validationError: number;
  /** Mean cross entropy on the validation examples, in nats. */
  readonly validationLoss: number;
  /** Tracked variance reduction τ. */
  readonly tau: number;
  /** Whether the last step was importance-sampled. */
  readonly importanceSampling: boolean;
  /** Importance-sampled steps so far. */
  readonly importanceSteps: number;
  /** Spent so far by this attempt. */
  readonly cost: Cost;
}

/** After each step: where the run stands between two points of the curve. */
export interface StepProgress {
  readonly step: number;
  readonly epoch: number;
  /** Weighted loss of the step. */
  readonly loss: number;
  readonly learningRate: number;
  readonly tau: number;
  readonly importanceSampling: boolean;
  readonly cost: Cost;
}

/** How a run ended. */
export type Ending =
  /** Its budget is used. */
  | "finished"
  /** It was told to stop early; what it has reached counts. */
  | "stopped_early"
  /** Its loss exploded or was no number. */
  | "diverged";

/** What a run has found and spent. */
export interface TrainResult {
  readonly ending: Ending;
  /** True if `ending` is `diverged`. */
  readonly diverged: boolean;
  /** At the end. Of a diverged run: of its last finite evaluation, or chance (1 − 1/classes) if there was none. */
  readonly validationError: number;
  /** In nats; of a diverged run likewise, chance being log(classes). */
  readonly validationLoss: number;
  /** Only if asked for, and not of a diverged run. */
  readonly testError?: number;
  readonly steps: number;
  readonly importanceSteps: number;
  readonly epochs: number;
  /** N, b and B that were used, after the limits that the data set. */
  readonly examples: number;
  readonly batchSize: number;
  readonly superBatch: number;
  /** Number of trained values of the network. */
  readonly parameters: number;
  /** Earlier attempts' points included. Each point's cost is that of its own attempt so far. */
  readonly curve: readonly LearningCurvePoint[];
  /** What this attempt has spent. */
  readonly cost: Cost;
  /** What earlier attempts had spent on what this one went on from; zero if it began at the beginning. */
  readonly resumedCost: Cost;
  /** Step from which a checkpoint was continued; 0 without one. */
  readonly resumedStep: number;
  /** Largest resident memory of the process seen after any step or scoring, in bytes. */
  readonly peakMemoryBytes: number;
  /** Joules that the machine's processors used during this attempt, whatever else ran on them; absent where it does not tell. */
  readonly energyJoules?: number;
}
