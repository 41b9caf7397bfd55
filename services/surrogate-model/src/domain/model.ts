import type { FitInput } from "./fit-input.ts";
import type { ModelSummary, OutputName } from "./task.ts";

export const outputNames: readonly OutputName[] = ["objective", "log-cost"];

/** One output of a fitted model: `name` in the thread `thread`. */
export interface ModelPart {
  readonly thread: number;
  readonly name: string;
  readonly summary: ModelSummary;
}

/** A fitted model. */
export interface Model {
  readonly handle: string;
  readonly input: FitInput;
  readonly parts: Readonly<Record<OutputName, ModelPart>>;
  /** Whether hyperparameters were inferred from the first observations and the others only added. */
  readonly appended: boolean;
  /** Estimate of the memory that it holds. */
  readonly bytes: number;
}
