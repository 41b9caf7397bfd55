import { optimizer, pointToProto } from "@superbatch/contracts";
import type { Attempt, AttemptOutcome, Measurement, ProgressPoint, Study, Trial, TrialState } from "@superbatch/store";
import { explanationOf, type TrialExplanation, type TrialOrigin } from "../domain/explanation.ts";
import { currentPoint } from "../domain/observation.ts";
import { specOf } from "../domain/spec.ts";
import { trialNameOf } from "../domain/trial-trace.ts";

export const trialStates: Readonly<Record<TrialState, optimizer.TrialState>> = {
  suggested: optimizer.TrialState.SUGGESTED,
  leased: optimizer.TrialState.LEASED,
  running: optimizer.TrialState.RUNNING,
  completed: optimizer.TrialState.COMPLETED,
  failed: optimizer.TrialState.FAILED,
  infeasible: optimizer.TrialState.INFEASIBLE,
  abandoned: optimizer.TrialState.ABANDONED,
};

const outcomes: Readonly<Record<AttemptOutcome, optimizer.AttemptOutcome>> = {
  open: optimizer.AttemptOutcome.OPEN,
  completed: optimizer.AttemptOutcome.COMPLETED,
  failed: optimizer.AttemptOutcome.FAILED,
  infeasible: optimizer.AttemptOutcome.INFEASIBLE,
  abandoned: optimizer.AttemptOutcome.ABANDONED,
  returned: optimizer.AttemptOutcome.RETURNED,
  expired: optimizer.AttemptOutcome.EXPIRED,
};

const origins: Readonly<Record<TrialOrigin, optimizer.Origin>> = {
  user: optimizer.Origin.USER,
  "initial-design": optimizer.Origin.INITIAL_DESIGN,
  model: optimizer.Origin.MODEL,
  drawn: optimizer.Origin.DRAWN,
  promotion: optimizer.Origin.DRAWN,
  fallback: optimizer.Origin.FALLBACK,
};

/** All that a trial's explanation may name. */
export const trialOrigins = Object.keys(origins) as readonly TrialOrigin[];

/**
 * @param study - as it is now: whether its space has a place for the trial.
 * @param progress - learning curve of the attempt that counts; see {@link curveOf}.
 * @param attempts - all leases of the trial, in order.
 */
export function trialToProto(
  trial: Trial,
  study: Study,
  progress: readonly ProgressPoint[] = [],
  attempts: readonly Attempt[] = [],
): optimizer.Trial {
  return {
    name: trialNameOf(trial),
    number: trial.number,
    state: trialStates[trial.state],
    parameters: pointToProto(trial.point),
    spaceVersion: trial.spaceVersion,
    measurement: trial.measurement ? measurementToProto(trial.measurement) : undefined,
    progress: progress.map(progressToProto),
    cost: { ...trial.cost },
    attempts: trial.attempts,
    worker: trial.worker,
    leaseExpireTime: dateOf(trial.lease?.expiresAt ?? null),
    reason: trial.reason,
    stoppedEarly: trial.stoppedEarly,
    explanation: explanationToProto(explanationOf(trial)),
    traceparent: trial.traceparent,
    labels: { ...trial.labels },
    createTime: dateOf(trial.createdAt),
    startTime: dateOf(trial.startedAt),
    endTime: dateOf(trial.finishedAt),
    attemptHistory: attempts.map(attemptToProto),
    outsideSpace: currentPoint(specOf(study), study.spaceVersion, trial) === undefined,
    extrapolation: trial.measurement?.extrapolated && { ...trial.measurement.extrapolated },
  };
}

function attemptToProto({
  number,
  worker,
  outcome,
  reason,
  cost,
  late,
  grantedAt,
  endedAt,
}: Attempt): optimizer.Attempt {
  return {
    number,
    worker,
    outcome: outcomes[outcome],
    reason,
    cost: { ...cost },
    late,
    startTime: new Date(grantedAt),
    endTime: dateOf(endedAt),
  };
}

/** Of a study's or trial's progress, what belongs to the attempt of the trial that counts. */
export function curveOf(trial: Trial, progress: readonly ProgressPoint[]): ProgressPoint[] {
  return progress.filter((point) => point.trial === trial.number && point.attempt === trial.attempt);
}

function measurementToProto({ value, metrics, cost, priorCost = 0 }: Measurement): optimizer.Measurement {
  return { value, metrics: { ...metrics }, cost: { ...cost }, priorCost };
}

function progressToProto({ step, metrics, cost, time }: ProgressPoint): optimizer.ProgressPoint {
  return { step, metrics: { ...metrics }, cost: { ...cost }, time: new Date(time) };
}

function explanationToProto(explanation: TrialExplanation): optimizer.Explanation {
  return {
    origin: origins[explanation.origin],
    entropyReduction: explanation.entropyReduction,
    expectedCost: explanation.expectedCost,
    acquisition: explanation.acquisition,
    alternatives: explanation.alternatives.map(({ fidelities, ...numbers }) => ({
      ...numbers,
      fidelities: pointToProto(fidelities),
    })),
    replicate: explanation.replicate,
    note: explanation.note,
    surrogate: explanation.surrogate ?? "",
    surrogateFailure: explanation.surrogateFailure ?? "",
    feasibility: explanation.feasibility,
  };
}

function dateOf(time: number | null): Date | undefined {
  return time === null ? undefined : new Date(time);
}
