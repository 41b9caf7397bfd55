import {
  type Attempt,
  addCosts,
  type Cost,
  noCost,
  type StoreTransaction,
  type Study,
  type Trial,
} from "@superbatch/store";
import { reasonUsed } from "./budget.ts";
import type { EventKind } from "./event-kinds.ts";
import { specOf } from "./spec.ts";

/** Appends one event. */
export async function record(
  tx: StoreTransaction,
  study: string,
  kind: EventKind,
  message: string,
  trial: number | null = null,
): Promise<void> {
  await tx.appendEvents(study, [{ kind, trial, message }]);
}

/** Trials in a row that are given up before a study is paused: more of them would not mend what is wrong. */
const failuresInARow = 5;

/**
 * Completes an active study whose budget is used, and pauses one whose trials all fail.
 *
 * @param given - the trial that was given up just now, if one was.
 * @returns the study as it is now.
 */
export async function settle(tx: StoreTransaction, study: Study, given?: Trial): Promise<Study> {
  if (study.state !== "active") return study;
  const reason = reasonUsed(specOf(study).budget, spentOf(study, tx.now));
  if (reason !== undefined) return complete(tx, study, reason);
  return given && (await allFail(tx, given)) ? pauseFailing(tx, study, given) : study;
}

/** What a study has used of its budget. @param now - milliseconds since the epoch. */
export function spentOf({ counts, cost, createdAt }: Study, now: number) {
  return { completed: counts.completed - counts.imported, cost: cost.total, seconds: (now - createdAt) / 1000 };
}

/** Whether the last trials up to this one that have ended with or without a result were all given up. */
async function allFail(tx: StoreTransaction, { study, number }: Trial): Promise<boolean> {
  const window = { after: Math.max(0, number - 10 * failuresInARow), states: ["failed", "completed"] as const };
  const ended = await tx.listTrials(study, window);
  const last = ended.filter((trial) => trial.number <= number).slice(-failuresInARow);
  return last.length === failuresInARow && last.every(({ state }) => state === "failed");
}

async function pauseFailing(tx: StoreTransaction, study: Study, given: Trial): Promise<Study> {
  const reason = `${failuresInARow} trials in a row were given up, the last because: ${given.reason}. Resume when that is mended`;
  await tx.updateStudy(study.name, { state: "paused", reason });
  await record(tx, study.name, "study-updated", `paused: ${reason}`);
  return (await tx.getStudy(study.name))!;
}

export async function complete(tx: StoreTransaction, study: Study, reason: string): Promise<Study> {
  await tx.updateStudy(study.name, { state: "completed", reason });
  await record(tx, study.name, "study-updated", `completed: ${reason}`);
  return (await tx.getStudy(study.name))!;
}

/**
 * Sets what an attempt has cost so far, and with it the cost of its trial and of the study.
 *
 * @param change - further changes of the attempt.
 * @returns the trial's cost: the sum over its attempts.
 */
export async function charge(
  tx: StoreTransaction,
  study: Study,
  trial: Trial,
  attempt: Attempt,
  cost: Cost,
  change: Parameters<StoreTransaction["updateAttempt"]>[1] = {},
): Promise<Cost> {
  await tx.updateAttempt(attempt.leaseId, { ...change, cost });
  const attempts = await tx.listAttempts(trial.study, trial.number);
  const total = attempts.reduce((sum, each) => addCosts(sum, each.cost), noCost);
  const current = (await tx.getStudy(study.name))!;
  await tx.updateStudy(study.name, { cost: addCosts(current.cost, addCosts(total, scale(trial.cost, -1))) });
  return total;
}

function scale(cost: Cost, factor: number): Cost {
  const { total, scoring, gradient, evaluation, data } = cost;
  return {
    total: factor * total,
    scoring: factor * scoring,
    gradient: factor * gradient,
    evaluation: factor * evaluation,
    data: factor * data,
  };
}
