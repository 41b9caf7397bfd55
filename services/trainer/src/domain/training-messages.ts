import type { ClientOptions } from "@superbatch/rpc";
import {
  DataError,
  type DataErrorDetails,
  type LearningCurvePoint,
  ParameterError,
  type ParameterProblem,
  type ParameterValues,
  type StepProgress,
} from "@superbatch/training";
import type { TrainingOutcome } from "./training-slot.ts";

/** The backend of a training thread. */
export interface BackendInUse {
  readonly name: string;
  /** What computes, in words. */
  readonly device: string;
}

/** What a training thread is started with. */
export interface ThreadSettings {
  readonly backend: "auto" | "tensorflow" | "webgpu" | "wasm";
  readonly dataDir: string | undefined;
  readonly cacheDir: string | undefined;
  /** Modules of the user's workloads. */
  readonly workload: readonly string[];
  readonly samplerAddress: string;
  /** Security of the connection to the sampler, and its token. */
  readonly sampler: Pick<ClientOptions, "authority" | "certificate" | "key" | "tokenFile">;
  readonly checkpointDir: string | undefined;
  readonly checkpointSeconds: number;
}

/** To a thread. It trains one configuration at a time. */
export type ThreadCommand =
  | {
      readonly kind: "run";
      readonly values: ParameterValues;
      readonly seed: number;
      readonly checkpoint: string | undefined;
      /** Of the span that the training belongs to. */
      readonly traceparent: string | undefined;
    }
  | { readonly kind: "abort" }
  | { readonly kind: "stop_early" };

/** From a thread: ready once, then progress and one end for each run. */
export type ThreadEvent =
  | { readonly kind: "ready"; readonly backend: BackendInUse }
  | { readonly kind: "step"; readonly progress: StepProgress }
  | { readonly kind: "point"; readonly point: LearningCurvePoint }
  | { readonly kind: "done"; readonly outcome: TrainingOutcome }
  | { readonly kind: "failed"; readonly error: ThreadError };

/** An error between threads, where classes are lost. */
export type ThreadError =
  | { readonly kind: "parameter"; readonly problems: readonly ParameterProblem[] }
  | { readonly kind: "data"; readonly details: DataErrorDetails }
  | { readonly kind: "range" | "other"; readonly message: string };

export function encodeError(error: unknown): ThreadError {
  if (error instanceof ParameterError) return { kind: "parameter", problems: error.problems };
  if (error instanceof DataError) {
    const { file, byteOffset, problem, remedy } = error;
    return { kind: "data", details: { file, problem, remedy, ...(byteOffset === undefined ? {} : { byteOffset }) } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof RangeError ? "range" : "other", message };
}

export function decodeError(error: ThreadError): Error {
  switch (error.kind) {
    case "parameter":
      return new ParameterError(error.problems);
    case "data":
      return new DataError(error.details);
    case "range":
      return new RangeError(error.message);
    case "other":
      return new Error(error.message);
  }
}
