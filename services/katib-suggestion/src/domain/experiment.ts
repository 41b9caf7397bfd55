import type { Parameter, Point } from "@superbatch/search-space";

/** A tuning problem that another system runs the trials of. */
export interface Experiment {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly metric: string;
  readonly goal: "minimize" | "maximize";
  readonly algorithm: AlgorithmChoice;
  /** The texts that stand for a parameter's values, where the other system gave texts: its own come back. By parameter and value. */
  readonly texts: ReadonlyMap<string, ReadonlyMap<number | string, string>>;
}

export interface AlgorithmChoice {
  /** In the JSON form of superbatch.optimizer.v1.Algorithm. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly seed?: number;
}

/** How a trial of the other system ended, if it has. */
export type Outcome =
  | { readonly kind: "running" }
  | { readonly kind: "succeeded"; readonly value: number; readonly stoppedEarly: boolean }
  | { readonly kind: "infeasible" | "abandoned"; readonly reason: string };

/** A trial that the other system has run, or runs. */
export interface RunTrial {
  readonly name: string;
  readonly point: Point;
  /** The lease under which it was handed out; absent: it was not. */
  readonly lease?: LeaseMark;
  readonly outcome: Outcome;
  /** Seconds that it ran, above 0. */
  readonly cost: number;
}

/** What the other system keeps with a trial for us: all that is needed to tell its result. */
export interface LeaseMark {
  readonly trial: string;
  readonly lease: string;
}

/** A trial to run. */
export interface Suggestion {
  readonly point: Point;
  readonly mark: LeaseMark;
}
