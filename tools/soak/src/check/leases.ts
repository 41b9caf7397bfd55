import type { Call } from "./calls.ts";
import type { AttemptRow, EventRow, Tables } from "./tables.ts";

/** Milliseconds after a lease's end in which the optimizer must have taken the trial back. */
const sweepTime = 3_000;

/**
 * No trial is held by two live leases: neither by the trainers' account, where a lease lives until the last expiry that its trainer heard of or
 * until the trainer ends it, nor by the order of the study's events. And no lease outlives its expiry.
 *
 * @param now - when the tables were read, milliseconds since the epoch.
 * @returns a sentence for each breach.
 */
export function checkLeases(calls: readonly Call[], tables: Tables, now: number): string[] {
  return [
    ...overlapsByTrainers(calls, tables.attempts),
    ...overlapsByEvents(tables.events),
    ...tables.trials.flatMap(({ study, number, state, lease_id, lease_expires_at }) => {
      const held = state === "leased" || state === "running";
      if (held !== (lease_id !== null)) return [`${study}/trials/${number} is ${state} with lease ${lease_id}`];
      if (lease_expires_at !== null && lease_expires_at < now - sweepTime)
        return [`the lease of ${study}/trials/${number} ended ${now - lease_expires_at} ms ago and is still held`];
      return [];
    }),
  ];
}

/** Until when each lease is live, as its trainer was told; a trainer that sends an end gives it up then. */
function livesOf(calls: readonly Call[]): Map<string, number> {
  const until = new Map<string, number>();
  const ended = new Map<string, number>();
  for (const call of calls) {
    if (call.method === "complete" || call.method === "fail") {
      ended.set(call.lease, Math.min(call.sent, ended.get(call.lease) ?? Number.POSITIVE_INFINITY));
    } else if (call.answer?.method === "lease") {
      for (const { lease, expires } of call.answer.leases) until.set(lease, Math.max(expires, until.get(lease) ?? 0));
    } else if (call.method === "report" && call.answer?.method === "report") {
      const { command, expires, time } = call.answer;
      if (command === "COMMAND_CANCEL") ended.set(call.lease, Math.min(time, ended.get(call.lease) ?? time));
      else if (expires !== undefined) until.set(call.lease, Math.max(expires, until.get(call.lease) ?? 0));
    }
  }
  return new Map([...until].map(([lease, end]) => [lease, Math.min(end, ended.get(lease) ?? end)]));
}

function overlapsByTrainers(calls: readonly Call[], attempts: readonly AttemptRow[]): string[] {
  const lives = livesOf(calls);
  const breaches: string[] = [];
  for (const [i, attempt] of attempts.entries()) {
    const before = attempts[i - 1];
    if (!before || before.study !== attempt.study || before.trial !== attempt.trial) continue;
    const end = lives.get(before.lease_id);
    if (end !== undefined && attempt.granted_at < end)
      breaches.push(
        `${attempt.study}/trials/${attempt.trial} went to ${attempt.worker} ${end - attempt.granted_at} ms before the lease of ${before.worker} ended`,
      );
  }
  return breaches;
}

const ends = new Set(["lease-expired", "trial-completed", "trial-failed"]);

/** A trial is leased only while nobody holds it. */
function overlapsByEvents(events: readonly EventRow[]): string[] {
  const held = new Set<string>();
  const breaches: string[] = [];
  for (const { study, trial, kind, sequence } of events) {
    const name = `${study}/trials/${trial}`;
    if (kind === "trial-leased") {
      if (held.has(name)) breaches.push(`${name} was leased by event ${sequence} while it was held`);
      held.add(name);
    } else if (ends.has(kind)) held.delete(name);
  }
  return breaches;
}
