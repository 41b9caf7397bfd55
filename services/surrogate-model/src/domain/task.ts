import type { FitOptions, GpData } from "@superbatch/gp";
import type { Matrix } from "@superbatch/linalg";
import type { ModelName } from "./models/kinds.ts";

/** The two functions that are modelled. */
export type OutputName = FitOptions["output"];

/** Work for a thread. `model` names the result, which stays in that thread. */
export type Task = FitTask | AppendTask | PosteriorTask | LeaveOneOutTask | DropTask;

export interface FitTask {
  readonly kind: "fit";
  /** The kind of model. */
  readonly modelKind: ModelName;
  readonly model: string;
  readonly data: GpData;
  readonly options: FitOptions;
  /** Of whatever is random in the inference. */
  readonly seed: string;
}

/** Adds observations to `previous`, a model of the same thread, which stays as it is. */
export interface AppendTask {
  readonly kind: "append";
  readonly model: string;
  readonly previous: string;
  /** m × columns */
  readonly x: Matrix;
  /** m values */
  readonly y: Float64Array;
}

/** Evaluates `model`. Answered even while the thread fits: between two evaluations of the likelihood. */
export interface PosteriorTask {
  readonly kind: "posterior";
  readonly model: string;
  /** R × columns */
  readonly anchors: Matrix;
  /** Q × columns */
  readonly points: Matrix;
}

/** Predicts each observation of `model` from all others. */
export interface LeaveOneOutTask {
  readonly kind: "leave-one-out";
  readonly model: string;
}

/** Forgets `model`. */
export interface DropTask {
  readonly kind: "drop";
  readonly model: string;
}

/** What is kept of a model outside of its thread. */
export interface ModelSummary {
  /** Hyperparameter samples. */
  readonly samples: number;
  /** Largest value added to the diagonal of the covariance matrix, relative to the mean of that diagonal at the target. */
  readonly jitter: number;
  /** Means over the samples, by name. */
  readonly hyperparameters: Readonly<Record<string, number>>;
  /** Empty if exact. */
  readonly approximation: string;
  /** Estimate of the memory that the model holds. */
  readonly bytes: number;
}

/** How well observations are predicted from all others. */
export interface LeaveOneOutSummary {
  /** Mean log predictive density, in the observations' unit. */
  readonly logDensity: number;
  /** Share within the 95% interval. */
  readonly coverage: number;
}

/** What each kind of task answers with. */
export interface TaskResults {
  readonly fit: ModelSummary;
  readonly append: ModelSummary;
  /** A serialized superbatch.surrogate.v1.PosteriorResponse: encoding megabytes is work for the thread too. */
  readonly posterior: Uint8Array;
  /** Undefined where the model does not tell. */
  readonly "leave-one-out": LeaveOneOutSummary | undefined;
  readonly drop: undefined;
}

/** From the pool to a thread. */
export interface TaskMessage {
  readonly id: number;
  readonly task: Task;
  /** One shared number; other than 0: the result is no longer wanted. */
  readonly stop: Int32Array;
}

/** From a thread to the pool. An error is told by name and message. */
export type TaskAnswer =
  | { readonly id: number; readonly result: TaskResults[Task["kind"]] }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } };
