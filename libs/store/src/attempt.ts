import type { Cost } from "./cost.ts";
import type { Measurement } from "./trial.ts";

/**
 * How an attempt ended; `open` until then. `expired`: its lease ran out and nothing was heard since. `returned`: its worker gave
 * the trial back.
 */
export type AttemptOutcome = "open" | "completed" | "failed" | "infeasible" | "abandoned" | "returned" | "expired";

/** One lease of a trial and what became of it. Late results are written here, also when the trial has ended without them. */
export interface Attempt {
  readonly study: string;
  readonly trial: number;
  /** 1, 2, … in the trial: the ordinal of its lease. */
  readonly number: number;
  readonly leaseId: string;
  readonly worker: string;
  readonly outcome: AttemptOutcome;
  readonly reason: string;
  readonly measurement: Measurement | null;
  /** Cost so far, as last reported. */
  readonly cost: Cost;
  /** True if the result came after the lease was lost. */
  readonly late: boolean;
  readonly grantedAt: number;
  readonly endedAt: number | null;
}

export type AttemptChange = Partial<Pick<Attempt, "outcome" | "reason" | "measurement" | "cost" | "late" | "endedAt">>;

/** One point of an attempt's learning curve. */
export interface ProgressPoint {
  readonly study: string;
  readonly trial: number;
  /** Ordinal of the attempt. */
  readonly attempt: number;
  /** Gradient steps, or whatever the trainer counts; a step reported twice keeps the last values. */
  readonly step: number;
  /** Values by name, finite; the study's metric should be among them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Cost of the attempt so far. */
  readonly cost: Cost;
  readonly time: number;
}
