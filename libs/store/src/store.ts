import type { Attempt, AttemptChange, ProgressPoint } from "./attempt.ts";
import type { Event, NewEvent } from "./event.ts";
import type { StoredResponse } from "./request.ts";
import type { NewStudy, Study, StudyChange, StudyState } from "./study.ts";
import type { StoredSuggestion } from "./suggestion.ts";
import type { StudyRecord } from "./transfer/study-record.ts";
import type { NewTrial, Trial, TrialChange, TrialState } from "./trial.ts";

/** A window of a list in its natural order. */
export interface Page<Key> {
  /** Return what comes after this key. @default from the start */
  readonly after?: Key | undefined;
  /** At most so many, at least 1. @default no limit */
  readonly limit?: number | undefined;
}

/** Where a list of studies, newest first, goes on. */
export type StudyKey = Pick<Study, "createdAt" | "name">;

/**
 * What can be read, in a transaction or outside. Everything returned is a snapshot: immutable, and unaffected by later writes.
 * An unknown study, trial or lease gives undefined or an empty list, never an error.
 */
export interface StoreReader {
  getStudy(name: string): Promise<Study | undefined>;
  /** Newest first; of one project, of some, or of all. */
  listStudies(
    page?: Page<StudyKey> & {
      readonly project?: string | readonly string[] | undefined;
      readonly states?: readonly StudyState[];
    },
  ): Promise<readonly Study[]>;
  /** Number of studies of a project. */
  countStudies(project: string): Promise<number>;
  /** Names of active studies that end at or before `time`, earliest first. */
  listOver(time: number, limit: number): Promise<readonly string[]>;
  getTrial(study: string, number: number): Promise<Trial | undefined>;
  /** By number. `states`: only those; an empty list means none. */
  listTrials(
    study: string,
    page?: Page<number> & { readonly states?: readonly TrialState[] },
  ): Promise<readonly Trial[]>;
  /** Held trials of all studies whose lease ends at or before `time`, earliest first. */
  listExpired(time: number, limit: number): Promise<readonly Trial[]>;
  /** When the next lease of any study ends, undefined if none is held. */
  nextExpiry(): Promise<number | undefined>;
  findAttempt(leaseId: string): Promise<Attempt | undefined>;
  /** By trial and number: of one trial, of the trials from first to last, or of the whole study. */
  listAttempts(
    study: string,
    trials?: number | { readonly first: number; readonly last: number },
  ): Promise<readonly Attempt[]>;
  /** By trial, attempt and step: of one trial, or of the whole study. */
  listProgress(study: string, trial?: number): Promise<readonly ProgressPoint[]>;
  /** By sequence. */
  listEvents(study: string, page?: Page<number>): Promise<readonly Event[]>;
  findResponse(key: string): Promise<StoredResponse | undefined>;
}

/** Writes of one transaction. All of them become visible and durable together, or none does. */
export interface StoreTransaction extends StoreReader {
  /**
   * When the transaction began, or when it last locked a study, on the store's clock: the time of everything that it writes. So what happens
   * in a study has times in the order in which it happens, as far as the clocks of the processes agree.
   */
  readonly now: number;
  /**
   * Reads a study and keeps every other writer of it out until the transaction ends. Call it before any other write that concerns the
   * study (but `insertStudy`): numbers and sequences are taken from the study's row.
   */
  lockStudy(name: string): Promise<Study | undefined>;
  /** @throws {StoreConflict} if the name is taken. */
  insertStudy(study: NewStudy): Promise<Study>;
  /** @throws {StoreConflict} if the study does not exist. */
  updateStudy(name: string, change: StudyChange): Promise<Study>;
  /** Removes the study and all that belongs to it, stored responses excepted. False if there was none. */
  deleteStudy(name: string): Promise<boolean>;
  /** Gives the trials the next numbers, in order. @throws {StoreConflict} if the study does not exist. */
  insertTrials(study: string, trials: readonly NewTrial[]): Promise<readonly Trial[]>;
  /** Writes a whole study exactly as it was read, see `exportStudy`. @throws {StoreConflict} if the name or a lease id is taken. */
  restoreStudy(record: StudyRecord): Promise<void>;
  /** @throws {StoreConflict} if the trial does not exist. */
  updateTrial(study: string, number: number, change: TrialChange): Promise<Trial>;
  /** @throws {StoreConflict} if the lease id or the attempt's number is taken. */
  insertAttempt(attempt: Attempt): Promise<void>;
  updateAttempt(leaseId: string, change: AttemptChange): Promise<void>;
  /** Inserts, or replaces those of the same attempt and step. */
  saveProgress(points: readonly ProgressPoint[]): Promise<void>;
  /** Gives the events the next sequence numbers, in order. @throws {StoreConflict} if the study does not exist. */
  appendEvents(study: string, events: readonly NewEvent[]): Promise<void>;
  /** Suggestions computed ahead, by number. */
  listSuggestions(study: string): Promise<readonly StoredSuggestion[]>;
  /** @throws {StoreConflict} if a number has one. */
  insertSuggestions(study: string, suggestions: readonly StoredSuggestion[]): Promise<void>;
  /** @param through - the last number to delete. @default all */
  deleteSuggestions(study: string, through?: number): Promise<void>;
  /**
   * Tells other replicas that this one computes suggestions for a study.
   *
   * @param until - milliseconds since the epoch at which another may do so even if nothing was heard of this one.
   * @returns false if another one computes.
   */
  claimComputation(study: string, holder: string, until: number): Promise<boolean>;
  /** Ends what {@link claimComputation} began, if it is still this holder's. */
  releaseComputation(study: string, holder: string): Promise<void>;
  /** @throws {StoreConflict} if the key is taken: roll back, and answer with the response that is there. */
  saveResponse(response: Omit<StoredResponse, "createdAt">): Promise<void>;
}

/**
 * The durable state of an optimizer. An engine must guarantee, and `@superbatch/store/testing` checks:
 *
 * - when `transaction` resolves, its writes survive the death of the process and of the machine;
 * - transactions that lock the same study happen one after the other, in any number of processes that share the database;
 * - a transaction whose work rejects leaves no trace, and rejects with the same error;
 * - readers outside of a transaction never see half of one.
 */
export interface Store extends StoreReader {
  /**
   * Runs `work` in one transaction. Inside, use only the given `tx`: calls of the store itself would wait for the transaction to end.
   * `work` may be run again from the start where the engine asks for it (deadlock), so it must have no effects of its own.
   */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** Resolves when the study has an event after `sequence` or is gone, or when the signal aborts (without error). */
  waitForEvents(study: string, sequence: number, signal: AbortSignal): Promise<void>;
  /** Forgets responses older than `time`. Returns how many. */
  pruneResponses(time: number): Promise<number>;
  /** Asks the engine for a sign of life; for readiness. Rejects if there is none. */
  ping(): Promise<void>;
  /** Waits for running transactions, then closes. Idempotent. Calls after it reject. */
  close(): Promise<void>;
}

/** Milliseconds since the epoch. */
export type Clock = () => number;

/**
 * The database cannot be reached, or went away during the call. Whether a transaction has happened is then unknown: repeat it in a way
 * that recognizes that it has.
 */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** A uniqueness or existence rule of the store was broken; the transaction is rolled back. */
export class StoreConflict extends Error {
  override readonly name = "StoreConflict";
}
