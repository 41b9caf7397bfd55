import type { Study, Trial } from "@superbatch/store";
import { knowledgeOf } from "./knowledge.ts";
import { type Convergence, specOf } from "./spec.ts";
import type { ConvergenceEvidence, ConvergenceRequest } from "./suggest/engine.ts";
import { spentOf } from "./transitions.ts";

/** A question to the model that a study's budget asks. */
export interface ConvergenceQuestion {
  readonly rule: Convergence;
  readonly request: ConvergenceRequest;
}

/**
 * What to ask the model before it suggests more; undefined if the study's budget does not say when it has converged, or it is too early: before `minTrials`
 * completed trials, or less than `window` since the study was made active again.
 *
 * @param trials - all of the study's trials by number.
 * @param now - milliseconds since the epoch.
 */
export function convergenceQuestion(
  study: Study,
  trials: readonly Trial[],
  now: number,
): ConvergenceQuestion | undefined {
  const { budget, resumedAt = 0 } = specOf(study);
  const rule = budget.convergence;
  const { completed } = spentOf(study, now);
  if (!rule || completed < rule.minTrials || (resumedAt > 0 && completed < resumedAt + rule.window)) return undefined;
  const { request, observed } = knowledgeOf(study, trials);
  const endOf = (i: number) => trials[observed[i]! - 1]!.finishedAt ?? 0;
  // Known results that were added do not count as trials of the study.
  const own = [...observed.keys()].filter((i) => trials[observed[i]! - 1]!.leases > 0);
  const recent = own.sort((a, b) => endOf(a) - endOf(b) || a - b).slice(-rule.window);
  return { rule, request: { ...request, recent } };
}

/** Why a study stops, in words; undefined if it goes on. */
export function convergedBecause(
  { tolerance, window }: Convergence,
  { expectedLoss, improvement }: ConvergenceEvidence,
): string | undefined {
  if (expectedLoss >= tolerance || improvement >= tolerance) return undefined;
  return (
    `the recommendation has converged: ${expectedLoss.toPrecision(2)} is expected to be gained by knowing everything, and the last ${window} trials have ` +
    `gained ${improvement.toPrecision(2)}, less than ${tolerance}`
  );
}
