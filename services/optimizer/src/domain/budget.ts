import type { Study, Trial } from "@superbatch/store";
import { explanationOf } from "./explanation.ts";
import { type Budget, specOf } from "./spec.ts";

/** What a budget is compared with. */
export interface Usage {
  /** Completed trials that were evaluated here: known results that were added cost nothing of the budget. */
  readonly completed: number;
  /** Trials that workers hold. */
  readonly held: number;
  readonly cost: number;
  /** What the held trials are expected to cost beyond what they have cost so far. */
  readonly expectedCost: number;
  /** What completed trials cost on average; 0 before the first, when nothing is known. */
  readonly averageCost: number;
  /** Seconds since the study was created. */
  readonly seconds: number;
}

/**
 * @param held - trials that workers hold; may be empty if the budget has no limit on cost.
 * @param now - milliseconds since the epoch.
 */
export function usageOf(study: Study, held: readonly Trial[], now: number): Usage {
  const { counts } = study;
  const completed = counts.completed - counts.imported;
  const average = averageCost(study, completed, held);
  const outstanding = held.map((trial) => Math.max(0, expectedCost(trial, average) - trial.cost.total));
  return {
    completed,
    held: counts.leased + counts.running,
    cost: study.cost.total,
    expectedCost: outstanding.reduce((sum, cost) => sum + cost, 0),
    averageCost: average,
    seconds: (now - study.createdAt) / 1000,
  };
}

/**
 * How many more trials may be leased now. With a limit on cost a lease is given as long as what is spent, together with what the held
 * trials are expected to cost, is below the limit: in expectation at most one trial ends above it.
 *
 * @returns at least 0, Infinity without limits.
 */
export function allowance(budget: Budget, usage: Usage): number {
  if (reasonUsed(budget, usage) !== undefined) return 0;
  if (budget.maxCost > 0 && usage.cost + usage.expectedCost >= budget.maxCost) return 0;
  return budget.maxTrials > 0 ? Math.max(0, budget.maxTrials - usage.completed - usage.held) : Number.POSITIVE_INFINITY;
}

/** Why the budget is used, in words; undefined while it is not. Held trials do not count: they may still fail. */
export function reasonUsed(budget: Budget, usage: Pick<Usage, "completed" | "cost" | "seconds">): string | undefined {
  if (budget.maxTrials > 0 && usage.completed >= budget.maxTrials)
    return `the budget of ${budget.maxTrials} trials is used`;
  if (budget.maxCost > 0 && usage.cost >= budget.maxCost) return `the budget of cost ${budget.maxCost} is used`;
  if (budget.maxSeconds > 0 && usage.seconds >= budget.maxSeconds)
    return `the ${budget.maxSeconds} seconds of the study are over`;
  return undefined;
}

/** {@link allowance}, and the study's limit on trials leased at once. */
export function leasable(study: Study, usage: Usage): number {
  const { budget, lease } = specOf(study);
  const parallel = lease.maxParallel > 0 ? lease.maxParallel - usage.held : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(allowance(budget, usage), parallel));
}

function averageCost(study: Study, completed: number, held: readonly Trial[]): number {
  const spentByHeld = held.reduce((sum, trial) => sum + trial.cost.total, 0);
  return completed > 0 ? (study.cost.total - spentByHeld) / completed : 0;
}

/** What a trial is expected to cost in all: as the model says, or else as others did. */
function expectedCost(trial: Trial, average: number): number {
  return explanationOf(trial).expectedCost ?? average;
}
