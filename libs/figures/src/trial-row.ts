/** One trial, as figures need it: flat, without learning curve. A study of 50,000 has this many. */
export interface TrialRow {
  readonly number: number;
  readonly state: TrialState;
  /** Final value of the objective; absent unless completed. */
  readonly value?: number;
  readonly cost: PhaseCost;
  /** Milliseconds since the epoch. Absent: not leased yet. */
  readonly startTime?: number;
  /** Milliseconds since the epoch. Absent: not ended yet. */
  readonly endTime?: number;
  readonly worker: string;
  /** Leases so far; above 1 means that some were lost. */
  readonly attempts: number;
  readonly stoppedEarly: boolean;
  readonly origin: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

export type ParameterValue = number | string | boolean;

export type TrialState = "suggested" | "leased" | "running" | "completed" | "failed" | "infeasible" | "abandoned";

/** In the study's unit of cost. */
export interface PhaseCost {
  readonly total: number;
  readonly scoring: number;
  readonly gradient: number;
  readonly evaluation: number;
  readonly data: number;
}

/** What figures need to know of a study. */
export interface StudyFacts {
  readonly name: string;
  readonly metric: string;
  readonly minimize: boolean;
  readonly costUnit: string;
  readonly parameters: readonly ParameterFacts[];
}

export interface ParameterFacts {
  readonly name: string;
  readonly kind: "number" | "category";
  readonly log: boolean;
  /** Bounds of a number. */
  readonly min?: number;
  readonly max?: number;
  /** Which numbers between the bounds are possible, if not all: whole ones, or these. */
  readonly levels?: "whole" | readonly number[];
  /** In the order in which they are shown. */
  readonly categories?: readonly string[];
  /** Present if the parameter is a fidelity: the value at which quality counts. */
  readonly target?: number;
}

/** A trial that ended with a value. */
export type CompletedRow = TrialRow & { readonly value: number; readonly endTime: number };

/** Those that completed, in the order in which they ended. */
export function completedRows(rows: readonly TrialRow[]): CompletedRow[] {
  return rows
    .filter(
      (row): row is CompletedRow => row.state === "completed" && row.value !== undefined && row.endTime !== undefined,
    )
    .sort((a, b) => a.endTime - b.endTime || a.number - b.number);
}

/** Orders values from best to worst. */
export function byValue(study: Pick<StudyFacts, "minimize">): (a: number, b: number) => number {
  return study.minimize ? (a, b) => a - b : (a, b) => b - a;
}
