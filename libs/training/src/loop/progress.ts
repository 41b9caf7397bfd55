import type { Budget } from "../configuration.ts";
import type { Clock } from "./cost.ts";

/** How much of a run's budget is used. */
export interface Progress {
  /** Share of the budget that is used after a number of gradient steps; at least 1 at the end. */
  after(step: number): number;
  /** Seconds of training so far, earlier attempts included. */
  elapsed(): number;
}

export interface ProgressOptions {
  readonly budget: Budget;
  /** N and b of the run. */
  readonly examples: number;
  readonly batchSize: number;
  readonly clock: Clock;
  /** Seconds that earlier attempts have trained. @default 0 */
  readonly earlier?: number;
}

/** Seconds count from this call. */
export function createProgress({ budget, examples, batchSize, clock, earlier = 0 }: ProgressOptions): Progress {
  const start = clock();
  const elapsed = () => earlier + clock() - start;
  switch (budget.kind) {
    case "seconds":
      return { elapsed, after: () => elapsed() / budget.seconds };
    case "steps":
      return { elapsed, after: (step) => step / budget.steps };
    case "epochs": {
      // Without the tolerance 0.1 epochs of 300 examples would be one step more than 1.5 of 20.
      const steps = Math.max(1, Math.ceil((budget.epochs * examples) / batchSize - 1e-9));
      return { elapsed, after: (step) => step / steps };
    }
  }
}
