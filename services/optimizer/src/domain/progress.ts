import type { Attempt, Cost, ProgressPoint, StoreTransaction, Study, Trial } from "@superbatch/store";
import type { CurveCache } from "./curve-cache.ts";
import { curveRule } from "./curve-rule.ts";
import { curvesOf, medianRule, type Stop } from "./early-stopping.ts";
import { explanationOf, explanationToJson } from "./explanation.ts";
import { keepsAll } from "./outcome-constraints.ts";
import type { Report } from "./results.ts";
import { specOf } from "./spec.ts";
import { charge, record, settle } from "./transitions.ts";

export interface Progress extends Report {
  readonly points: readonly Pick<ProgressPoint, "step" | "metrics" | "cost">[];
  /** What the attempt has cost so far; absent: as in the last point, if that has a cost. */
  readonly cost?: Cost;
  /** Last step if the attempt is not stopped. 0: not known. */
  readonly finalStep: number;
}

export interface Answer {
  readonly command: "continue" | "stop-early" | "cancel";
  readonly reason: string;
  /** When the lease now ends, milliseconds since the epoch; null with `cancel`. */
  readonly expiresAt: number | null;
}

/**
 * A heartbeat:
 * 1. A lease that is lost, or whose trial or study is gone, is told to cancel; what it has spent counts. A lease that ran out is revived if nobody has had the trial since.
 * 2. The learning curve grows, the costs follow, the lease is extended.
 * 3. The study's rule for early stopping decides; once told to stop, a trial stays told.
 */
export async function reportProgress(tx: StoreTransaction, curves: CurveCache, report: Progress): Promise<Answer> {
  const study = await tx.lockStudy(report.study);
  if (!study) return cancel("the study is gone");
  const trial = await tx.getTrial(report.study, report.trial);
  const attempt = await tx.findAttempt(report.leaseId);
  if (!trial || !attempt || attempt.study !== study.name || attempt.trial !== trial.number)
    return cancel("there is no such trial and lease");
  const revived = isRevivable(trial, attempt);
  if (trial.lease?.id !== attempt.leaseId && !revived) {
    await chargeLost(tx, study, trial, attempt, costOf(report, attempt));
    return cancel(lostReason(trial));
  }

  const spec = specOf(study);
  const cost = await charge(tx, study, trial, attempt, costOf(report, attempt), revived ? reopened : {});
  const expiresAt = tx.now + 1000 * spec.lease.seconds;
  const { leaseId: id, worker, grantedAt } = attempt;
  let running = await tx.updateTrial(study.name, trial.number, {
    state: "running",
    cost,
    lease: { id, worker, grantedAt, expiresAt },
    ...(revived && { reason: "", finishedAt: null }),
  });
  if (revived)
    await record(tx, study.name, "trial-leased", `to ${worker} again, which was heard of late`, trial.number);
  if (report.points.length > 0) {
    const place = { study: study.name, trial: trial.number, attempt: attempt.number, time: tx.now };
    await tx.saveProgress(report.points.map((point) => ({ ...point, ...place })));
    await record(tx, study.name, "trial-progress", `step ${report.points.at(-1)!.step}`, trial.number);
    const stop = trial.stoppedEarly ? undefined : await shouldStop(tx, curves, study, running, report, attempt);
    if (stop) running = await tellToStop(tx, running, stop);
  }
  if (running.stoppedEarly) return { command: "stop-early", reason: running.reason, expiresAt };
  return { command: "continue", reason: "", expiresAt };
}

/** What a lost lease has spent counts too, and may use up the budget. */
async function chargeLost(
  tx: StoreTransaction,
  study: Study,
  trial: Trial,
  attempt: Attempt,
  spent: Cost,
): Promise<void> {
  if (spent.total <= attempt.cost.total) return;
  const cost = await charge(tx, study, trial, attempt, spent);
  await tx.updateTrial(study.name, trial.number, { cost });
  await settle(tx, (await tx.getStudy(study.name))!);
}

const reopened = { outcome: "open", reason: "", late: false, endedAt: null } as const;

/** A trainer that was silent for too long goes on, if its trial still waits or was given up only because of that. */
function isRevivable(trial: Trial, attempt: Attempt): boolean {
  const open = trial.state === "suggested" || trial.state === "failed";
  return open && attempt.outcome === "expired" && attempt.number === trial.leases;
}

async function shouldStop(
  tx: StoreTransaction,
  curves: CurveCache,
  study: Study,
  trial: Trial,
  report: Progress,
  attempt: Attempt,
): Promise<Stop | undefined> {
  const spec = specOf(study);
  const { earlyStopping, objective } = spec;
  if (!earlyStopping) return undefined;
  const points = await tx.listProgress(study.name, trial.number);
  const [curve] = curvesOf(points, objective.metric, () => trial.attempt);
  if (!curve) return undefined;
  // What does not keep the outcome constraints sets no standard: a trial that is worse may be the best that keeps them.
  const completed = (await curves.completed(tx, study)).filter(({ of }) => keepsAll(spec, of));
  if (earlyStopping.rule === "median") return medianRule(earlyStopping, objective, curve, completed);
  const cost = costOf(report, attempt).total;
  return curveRule(earlyStopping, study, { trial, curve, finalStep: report.finalStep, cost }, completed);
}

/** The prediction stays with the trial until its result comes. */
async function tellToStop(tx: StoreTransaction, trial: Trial, { reason, extrapolation }: Stop): Promise<Trial> {
  return tx.updateTrial(trial.study, trial.number, {
    stoppedEarly: true,
    reason: `stopped early: ${reason}`,
    ...(extrapolation && { explanation: explanationToJson({ ...explanationOf(trial), extrapolation }) }),
  });
}

/** Costs only grow; a heartbeat without a cost leaves it. */
function costOf({ cost, points }: Progress, attempt: Attempt): Cost {
  const reported = cost ?? points.at(-1)?.cost;
  return reported && reported.total >= attempt.cost.total ? reported : attempt.cost;
}

function lostReason(trial: Trial): string {
  if (trial.lease) return `the lease was lost and the trial went to ${trial.worker}`;
  return trial.state === "suggested" ? "the trial was given back" : `the trial is ${trial.state}`;
}

function cancel(reason: string): Answer {
  return { command: "cancel", reason, expiresAt: null };
}
