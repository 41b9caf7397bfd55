import type { HistoryRecords } from "./loss-history.ts";
import type { Member } from "./membership.ts";
import { createSessionState } from "./session-state.ts";
import { type ResolvedSpec, resolveSpec, type SessionSpec } from "./spec.ts";
import type { Delivery, Report, SessionStatus, Task } from "./task.ts";
import { decodeToken } from "./token.ts";

/**
 * Importance-sampled SGD for one model and any number of workers that step together, as with an all-reduce: a round is complete when all of its
 * workers have reported, and only then is the next one handed out. A deterministic function of the spec and of the calls made; no clock, no I/O.
 *
 * The draw of a round depends on the seed and its number alone (and on the shards within reach), not on how many workers share it: W workers
 * together do what one would. A refused call changes nothing.
 */
export interface SamplerSession {
  readonly spec: ResolvedSpec;
  status(): SessionStatus;
  members(): readonly Member[];
  /** Adds a worker from the next round to be handed out on. The first round waits for `spec.workers`. @throws {FieldError} `worker` is already a member, or `shards` */
  join(member: Member): Delivery[];
  /** Takes a worker out; its share goes back. Unknown workers are no error. */
  leave(worker: string): Delivery[];
  /** Scores of a worker's oldest task without a report. @throws {FieldError} `worker`, `round`, `part`, `scores` or `scores[i]` */
  report(worker: string, report: Report): Delivery[];
  /** Tasks of a worker that wait for its report, in order: for one that comes back after its connection broke. */
  outstanding(worker: string): Task[];
  /**
   * Draws ahead what does not depend on reports, so that the next answer takes less time. Changes nothing else; call it when there is nothing
   * better to do.
   */
  prepare(): void;
  /** All state but recorded losses, for {@link restoreSession}. */
  token(): Uint8Array;
  /** A copy of the recorded losses, for {@link restoreSession}; undefined unless the scheme is `loss-history`. */
  records(): HistoryRecords | undefined;
  /** Bytes held by the loss history; 0 without one. */
  readonly historyBytes: number;
}

/** @throws {FieldError} if the spec is wrong */
export function createSession(spec: SessionSpec): SamplerSession {
  return createSessionState(resolveSpec(spec));
}

/**
 * Continues a session where `token` was taken; its members count as present and have the rounds that are handed out still to report.
 *
 * @param records - with `loss-history`: what the workers kept of their reports; without them unknown losses fall back to the mean
 * @throws {FieldError} `token` does not belong to this spec
 */
export function restoreSession(spec: SessionSpec, token: Uint8Array, records?: HistoryRecords): SamplerSession {
  const session = createSessionState(resolveSpec(spec));
  session.restore(token, records);
  return session;
}

/** Complete rounds at which a token was taken. @throws {FieldError} `token` does not belong to this spec */
export function roundsOfToken(spec: ResolvedSpec, token: Uint8Array): number {
  return decodeToken(token, spec).rounds;
}
