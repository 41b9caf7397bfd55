import { failedPrecondition, invalidArgument, notFound, throwIfInvalid } from "@superbatch/rpc";
import type { Attempt, Cost, Extrapolation, Measurement, StoreTransaction, Study, Trial } from "@superbatch/store";
import { updateBest } from "./best-trial.ts";
import { explanationOf } from "./explanation.ts";
import type { Effects } from "./idempotency.ts";
import { isHeld } from "./knowledge.ts";
import { missingMetrics } from "./outcome-constraints.ts";
import { specOf } from "./spec.ts";
import { charge, record, settle } from "./transitions.ts";
import { traceTrial, trialNameOf } from "./trial-trace.ts";

/** Which trial, and by which lease. */
export interface Report {
  readonly study: string;
  readonly trial: number;
  readonly leaseId: string;
}

export interface Completion extends Report {
  readonly measurement: Measurement;
  readonly stoppedEarly: boolean;
}

/** How an attempt ended without a result: see FailureKind of the contract. */
export type FailureKind = "failed" | "infeasible" | "returned" | "abandoned";

/** `leaseId` may be empty: then a user decides, about any trial without a result. */
export interface Failure extends Report {
  readonly kind: FailureKind;
  readonly reason: string;
  /** What the attempt cost; absent: as last reported. */
  readonly cost?: Cost;
}

/**
 * Records a result:
 * 1. of the lease that holds the trial: the trial is completed;
 * 2. of a lost lease, while the trial has no result and was not taken back: it is completed too, and whoever holds it now is told to
 *    stop at its next report;
 * 3. otherwise only the attempt keeps the result, and its cost is added.
 *
 * @throws INVALID_ARGUMENT for a negative value where the model sees logarithms, a constrained metric that is missing, or a lease that is not one of the
 *   trial's.
 */
export async function completeTrial(
  tx: StoreTransaction,
  effects: Effects,
  { measurement, stoppedEarly, ...report }: Completion,
): Promise<{ trial: Trial; late: boolean; duplicate: boolean }> {
  const { study, trial, attempt } = await find(tx, report);
  const spec = specOf(study);
  if (spec.objective.transform === "log" && measurement.value < 0)
    throw invalidArgument([
      { path: "measurement.value", message: "must be at least 0: the objective is log-transformed" },
    ]);
  throwIfInvalid(missingMetrics(spec, measurement, "measurement"));
  const holds = trial.lease?.id === report.leaseId;
  const duplicate = trial.state === "completed";
  const open = holds || trial.state === "suggested" || isHeld(trial) || trial.state === "failed";
  const repeated = attempt.outcome === "completed";
  const late = repeated ? attempt.late : !holds;
  const outcome = repeated ? {} : ({ outcome: "completed", measurement, late, endedAt: tx.now } as const);
  const cost = await charge(tx, study, trial, attempt, repeated ? attempt.cost : measurement.cost, outcome);
  if (!open) return { trial: await tx.updateTrial(study.name, trial.number, { cost }), late, duplicate };

  if (trial.lease && !holds) {
    const reason = "an earlier attempt brought the result";
    await tx.updateAttempt(trial.lease.id, { outcome: "abandoned", reason, endedAt: tx.now });
  }
  const extrapolated = holds ? await extrapolationOf(tx, trial, measurement) : undefined;
  const completed = await tx.updateTrial(study.name, trial.number, {
    state: "completed",
    lease: null,
    worker: attempt.worker,
    attempt: attempt.number,
    measurement: extrapolated ? { ...measurement, extrapolated } : measurement,
    cost,
    stoppedEarly: stoppedEarly || (trial.stoppedEarly && holds),
    reason: trial.stoppedEarly && holds ? trial.reason : stoppedEarly ? "stopped early by its trainer" : "",
    finishedAt: tx.now,
  });
  await updateBest(tx, study, [completed]);
  const message = `${spec.objective.metric} ${measurement.value}${late ? ", after its lease was lost" : ""}`;
  await record(tx, study.name, "trial-completed", message, trial.number);
  await settle(tx, (await tx.getStudy(study.name))!);
  if (trial.finishedAt === null) effects.push(() => traceTrial(completed, spec.costUnit));
  return { trial: completed, late, duplicate };
}

/** How a trial that was told to stop would have ended; undefined if nothing was predicted, or it ran to its end all the same. */
async function extrapolationOf(
  tx: StoreTransaction,
  trial: Trial,
  { cost, priorCost = 0 }: Measurement,
): Promise<Extrapolation | undefined> {
  const predicted = trial.stoppedEarly ? explanationOf(trial).extrapolation : undefined;
  if (!predicted) return undefined;
  const points = await tx.listProgress(trial.study, trial.number);
  const last = points.findLast(({ attempt }) => attempt === trial.attempt)?.step ?? 0;
  if (last >= predicted.finalStep) return undefined;
  const remaining = (cost.total * (predicted.finalStep - last)) / Math.max(1, last);
  return { value: predicted.value, cost: priorCost + (predicted.cost || cost.total + remaining) };
}

/**
 * Ends an attempt without a result. What a lost lease says is recorded with its attempt, and counts only if nobody has had the trial since.
 *
 * @throws FAILED_PRECONDITION if a user means a trial that has ended, INVALID_ARGUMENT if a user gives back one that nobody holds.
 */
export async function failTrial(
  tx: StoreTransaction,
  effects: Effects,
  { kind, reason, cost: spent, ...report }: Failure,
): Promise<{ trial: Trial; retry: boolean }> {
  const { study, trial, attempt } = report.leaseId === "" ? await findForUser(tx, report) : await find(tx, report);
  if (report.leaseId === "" && kind === "returned" && !trial.lease)
    throw invalidArgument([{ path: "kind", message: "must not be RETURNED for a trial that nobody holds" }]);
  const holds = report.leaseId === "" || trial.lease?.id === report.leaseId;
  let { cost } = trial;
  if (attempt) {
    const ended = attempt.outcome === "open" || attempt.outcome === "expired";
    const outcome = ended ? { outcome: kind, reason, late: !holds, endedAt: tx.now } : {};
    const grown = spent && (ended || spent.total > attempt.cost.total);
    cost = await charge(tx, study, trial, attempt, grown ? spent : attempt.cost, outcome);
  }
  const counts = holds || (trial.state === "suggested" && attempt?.number === trial.leases && kind !== "returned");
  if (!counts) {
    const updated = await tx.updateTrial(study.name, trial.number, { cost });
    return { trial: updated, retry: trial.state === "suggested" || isHeld(trial) };
  }
  const { costUnit, lease } = specOf(study);
  const attempts = kind === "returned" ? trial.attempts - 1 : trial.attempts;
  const retry = kind === "returned" || (kind === "failed" && attempts < lease.maxAttempts);
  const updated = await tx.updateTrial(study.name, trial.number, {
    state: kind === "returned" || retry ? "suggested" : kind,
    lease: null,
    attempts,
    cost,
    reason,
    finishedAt: retry ? null : tx.now,
  });
  const what = kind === "returned" ? "given back" : retry ? "failed, to be tried again" : kind;
  await record(tx, study.name, "trial-failed", `${what}: ${reason}`, trial.number);
  await settle(tx, (await tx.getStudy(study.name))!, updated.state === "failed" ? updated : undefined);
  if (!retry) effects.push(() => traceTrial(updated, costUnit));
  return { trial: updated, retry };
}

/** @throws NOT_FOUND without such a study or trial, INVALID_ARGUMENT if the lease is not one of the trial's. */
async function find(tx: StoreTransaction, report: Report): Promise<{ study: Study; trial: Trial; attempt: Attempt }> {
  const { study, trial } = await findTrial(tx, report);
  const attempt = await tx.findAttempt(report.leaseId);
  if (!attempt || attempt.study !== study.name || attempt.trial !== trial.number)
    throw invalidArgument([{ path: "lease_id", message: "is not a lease of this trial" }]);
  return { study, trial, attempt };
}

async function findForUser(
  tx: StoreTransaction,
  report: Report,
): Promise<{ study: Study; trial: Trial; attempt: Attempt | undefined }> {
  const { study, trial } = await findTrial(tx, report);
  if (trial.state !== "suggested" && !isHeld(trial))
    throw failedPrecondition("TRIAL_NOT_RUNNING", { name: trialNameOf(trial), state: trial.state });
  return { study, trial, attempt: trial.lease ? await tx.findAttempt(trial.lease.id) : undefined };
}

async function findTrial(tx: StoreTransaction, { study: name, trial: number }: Report) {
  const study = await tx.lockStudy(name);
  const trial = study && (await tx.getTrial(name, number));
  if (!study || !trial) throw notFound("trial", trialNameOf({ study: name, number }));
  return { study, trial };
}
