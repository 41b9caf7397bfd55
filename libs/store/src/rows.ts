import type { Attempt, ProgressPoint } from "./attempt.ts";
import type { Cost } from "./cost.ts";
import type { AttemptTable, ProgressTable, StudyTable, TrialTable } from "./schema.ts";
import type { Study } from "./study.ts";
import type { Lease, Trial } from "./trial.ts";

export function studyToRow(study: Study): StudyTable {
  return {
    name: study.name,
    project: study.project,
    state: study.state,
    reason: study.reason,
    spec: JSON.stringify(study.spec),
    space_version: study.spaceVersion,
    version: study.version,
    trial_count: study.trialCount,
    counts: JSON.stringify(study.counts),
    last_event: study.lastEvent,
    cost: costToText(study.cost),
    best_trial: study.bestTrial,
    created_at: study.createdAt,
    updated_at: study.updatedAt,
    ends_at: study.endsAt,
  };
}

export function studyFromRow(row: StudyTable): Study {
  return {
    name: row.name,
    project: row.project,
    state: row.state as Study["state"],
    reason: row.reason,
    spec: JSON.parse(row.spec),
    spaceVersion: row.space_version,
    version: row.version,
    trialCount: row.trial_count,
    counts: JSON.parse(row.counts),
    lastEvent: row.last_event,
    cost: costFromText(row.cost),
    bestTrial: row.best_trial,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endsAt: row.ends_at,
  };
}

export function trialToRow(trial: Trial): TrialTable {
  return {
    study: trial.study,
    number: trial.number,
    state: trial.state,
    point: JSON.stringify(trial.point),
    space_version: trial.spaceVersion,
    leases: trial.leases,
    attempts: trial.attempts,
    attempt: trial.attempt,
    lease_id: trial.lease?.id ?? null,
    lease_granted_at: trial.lease?.grantedAt ?? null,
    lease_expires_at: trial.lease?.expiresAt ?? null,
    worker: trial.worker,
    measurement: trial.measurement && JSON.stringify(trial.measurement),
    cost: costToText(trial.cost),
    stopped_early: trial.stoppedEarly ? 1 : 0,
    reason: trial.reason,
    explanation: JSON.stringify(trial.explanation),
    labels: JSON.stringify(trial.labels),
    traceparent: trial.traceparent,
    created_at: trial.createdAt,
    started_at: trial.startedAt,
    finished_at: trial.finishedAt,
  };
}

export function trialFromRow(row: TrialTable): Trial {
  return {
    study: row.study,
    number: row.number,
    state: row.state as Trial["state"],
    point: JSON.parse(row.point),
    spaceVersion: row.space_version,
    leases: row.leases,
    attempts: row.attempts,
    attempt: row.attempt,
    lease: leaseFromRow(row),
    worker: row.worker,
    measurement: row.measurement === null ? null : JSON.parse(row.measurement),
    cost: costFromText(row.cost),
    stoppedEarly: row.stopped_early !== 0,
    reason: row.reason,
    explanation: JSON.parse(row.explanation),
    labels: JSON.parse(row.labels),
    traceparent: row.traceparent,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

function leaseFromRow(row: TrialTable): Lease | null {
  if (row.lease_id === null) return null;
  return { id: row.lease_id, worker: row.worker, grantedAt: row.lease_granted_at!, expiresAt: row.lease_expires_at! };
}

export function attemptToRow(attempt: Attempt): AttemptTable {
  return {
    lease_id: attempt.leaseId,
    study: attempt.study,
    trial: attempt.trial,
    number: attempt.number,
    worker: attempt.worker,
    outcome: attempt.outcome,
    reason: attempt.reason,
    measurement: attempt.measurement && JSON.stringify(attempt.measurement),
    cost: costToText(attempt.cost),
    late: attempt.late ? 1 : 0,
    granted_at: attempt.grantedAt,
    ended_at: attempt.endedAt,
  };
}

export function attemptFromRow(row: AttemptTable): Attempt {
  return {
    leaseId: row.lease_id,
    study: row.study,
    trial: row.trial,
    number: row.number,
    worker: row.worker,
    outcome: row.outcome as Attempt["outcome"],
    reason: row.reason,
    measurement: row.measurement === null ? null : JSON.parse(row.measurement),
    cost: costFromText(row.cost),
    late: row.late !== 0,
    grantedAt: row.granted_at,
    endedAt: row.ended_at,
  };
}

export function progressToRow(point: ProgressPoint): ProgressTable {
  return { ...point, metrics: JSON.stringify(point.metrics), cost: costToText(point.cost) };
}

export function progressFromRow(row: ProgressTable): ProgressPoint {
  return { ...row, metrics: JSON.parse(row.metrics), cost: costFromText(row.cost) };
}

function costToText(cost: Cost): string {
  return JSON.stringify([cost.total, cost.scoring, cost.gradient, cost.evaluation, cost.data]);
}

function costFromText(text: string): Cost {
  const [total, scoring, gradient, evaluation, data] = JSON.parse(text);
  return { total, scoring, gradient, evaluation, data };
}
