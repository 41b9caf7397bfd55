import { randomUUID } from "node:crypto";
import type { Attempt, ProgressPoint } from "../attempt.ts";
import { recount } from "../counts.ts";
import type { Event } from "../event.ts";
import { noTrials, type Study } from "../study.ts";
import { heldStates, type Trial } from "../trial.ts";

/** Everything that a store keeps of one study. Responses to repeated calls are not part of it. */
export interface StudyRecord {
  readonly study: Study;
  readonly trials: readonly Trial[];
  readonly attempts: readonly Attempt[];
  readonly progress: readonly ProgressPoint[];
  readonly events: readonly Event[];
}

/** @returns what contradicts itself in the record, in words; undefined if nothing does. */
export function contradictionIn({ study, trials, attempts, progress, events }: StudyRecord): string | undefined {
  for (const [name, list] of Object.entries({ trials, attempts, progress, events })) {
    if (list.some((item) => item.study !== study.name)) return `${name} of another study are in it`;
  }
  if (trials.some(({ number }, i) => number !== i + 1) || study.trialCount !== trials.length)
    return "its trials are not numbered 1, 2, …";
  if (events.some(({ sequence }, i) => sequence !== i + 1) || study.lastEvent !== events.length)
    return "its events are not numbered 1, 2, …";
  const counts = trials.reduce((sum, trial) => recount(sum, undefined, trial), noTrials);
  if (Object.entries(counts).some(([name, value]) => study.counts[name as keyof typeof counts] !== value))
    return "its counts of trials are not those of its trials";
  if (study.bestTrial !== null && trials[study.bestTrial - 1]?.state !== "completed")
    return "its best trial is not a completed one";
  const leases = new Map(attempts.map((attempt) => [attempt.leaseId, attempt]));
  for (const { number, state, lease, measurement } of trials) {
    if ((lease !== null) !== heldStates.some((held) => held === state))
      return `trial ${number} is ${state} and ${lease ? "has" : "lacks"} a lease`;
    if (lease && leases.get(lease.id)?.trial !== number) return `the lease of trial ${number} has no attempt`;
    if ((measurement !== null) !== (state === "completed"))
      return `trial ${number} is ${state} and ${measurement ? "has" : "lacks"} a measurement`;
  }
  const place = ({ trial, number }: { trial: number; number: number }) => `${trial}/${number}`;
  if (new Set(attempts.map(place)).size !== attempts.length || leases.size !== attempts.length)
    return "an attempt is in it twice";
  const steps = new Set(progress.map(({ trial, attempt, step }) => `${trial}/${attempt}/${step}`));
  if (steps.size !== progress.length) return "a step of a learning curve is in it twice";
  for (const [name, list] of Object.entries({ attempts, progress, events })) {
    if (list.some(({ trial }) => trial !== null && trial > trials.length)) return `${name} of unknown trials are in it`;
  }
  return undefined;
}

/**
 * The record under another name. Leases get new ids, since those are unique in a store: nobody holds the copy's trials, and they end with their leases.
 *
 * @param project - the project of the name.
 */
export function renameRecord(record: StudyRecord, name: string, project: string): StudyRecord {
  const ids = new Map(record.attempts.map(({ leaseId }) => [leaseId, randomUUID() as string]));
  const moved = <Item extends { readonly study: string }>(items: readonly Item[]) =>
    items.map((item) => ({ ...item, study: name }));
  return {
    study: { ...record.study, name, project },
    trials: moved(record.trials).map((trial) =>
      trial.lease ? { ...trial, lease: { ...trial.lease, id: ids.get(trial.lease.id)! } } : trial,
    ),
    attempts: moved(record.attempts).map((attempt) => ({ ...attempt, leaseId: ids.get(attempt.leaseId)! })),
    progress: moved(record.progress),
    events: moved(record.events),
  };
}
