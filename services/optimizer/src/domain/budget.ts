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
  /** What a trial costs on average, failed attempts included; 0 while no cost is known. */
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
  const average = averageCost(study, held);
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
 * trials are expected to cost, is below the limit: in expectation at most one trial ends above it. While no cost is known, a limit on cost
 * allows one trial at a time.
 *
 * @returns at least 0, Infinity without limits.
 */
export function allowance(budget: Budget, usage: Usage): number {
  if (reasonUsed(budget, usage) !== undefined) return 0;
  if (budget.maxCost > 0 && usage.cost + usage.expectedCost >= budget.maxCost) return 0;
  const blind = budget.maxCost > 0 && usage.averageCost === 0 ? 1 - usage.held : Number.POSITIVE_INFINITY;
  const trials = budget.maxTrials > 0 ? budget.maxTrials - usage.completed - usage.held : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(blind, trials));
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

/** Over the trials that have ended, and the held ones, each of which costs at least what it has spent. */
function averageCost({ counts, cost }: Study, held: readonly Trial[]): number {
  const spent = held.map((trial) => trial.cost.total);
  const ended = Math.max(1, counts.completed - counts.imported + counts.failed + counts.infeasible);
  const others = (cost.total - spent.reduce((sum, each) => sum + each, 0)) / ended;
  // Rounding may leave a little when only held trials have spent.
  if (others <= 1e-9 * cost.total) return 0;
  return spent.reduce((sum, each) => sum + Math.max(each, others), ended * others) / (ended + held.length);
}

/** What a trial is expected to cost in all: as the model says, or else as others did. */
function expectedCost(trial: Trial, average: number): number {
  return explanationOf(trial).expectedCost ?? average;
}
