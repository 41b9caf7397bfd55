import type { Cost } from "./cost.ts";
import type { JsonObject } from "./json.ts";
import type { TrialState } from "./trial.ts";

/** `active` hands out leases, `paused` does not until resumed, `completed` has used its budget (more budget makes it active again). */
export type StudyState = "active" | "paused" | "completed";

/** Number of a study's trials by state, zeros included. */
export type TrialCounts = Readonly<Record<TrialState, number>> & {
  /** Those of the completed trials that never had a lease: known results that were added. */
  readonly imported: number;
};

export const noTrials: TrialCounts = {
  suggested: 0,
  leased: 0,
  running: 0,
  completed: 0,
  failed: 0,
  infeasible: 0,
  abandoned: 0,
  imported: 0,
};

/** One tuning problem: a space, an objective, an algorithm, a budget. */
export interface Study {
  /** Unique: `projects/{project}/studies/{study}`. Immutable; a deleted study's name may be used again. */
  readonly name: string;
  /** Whose study it is: the `{project}` of the name. */
  readonly project: string;
  readonly state: StudyState;
  /** Why the study is in its state, one sentence; empty while nothing is to be said. */
  readonly reason: string;
  /** Space, objective, algorithm, budget, lease rules: the optimizer's own JSON, opaque to the store. */
  readonly spec: JsonObject;
  /** Counts the versions of the space, from 1. Trials name the version that they were suggested in. */
  readonly spaceVersion: number;
  /** Grows by one with each change of what its owner controls or of its state, from 1: the etag. */
  readonly version: number;
  /** Trials created so far: numbers 1 … trialCount are taken. */
  readonly trialCount: number;
  /** Trials by state; follows every change of a trial. */
  readonly counts: TrialCounts;
  /** Sequence of the newest event; 0 before the first. */
  readonly lastEvent: number;
  /** Cost of all attempts of all trials, failed, lost and late ones included. */
  readonly cost: Cost;
  /** Number of the completed trial with the best value at the largest fidelity seen so far, null before the first. */
  readonly bestTrial: number | null;
  /** Milliseconds since the epoch, on the server's clock, as all times of the store. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When its time is over, whatever else is left of its budget; null: never. */
  readonly endsAt: number | null;
}

/** What a new study starts from; the store sets the counters and both times. */
export type NewStudy = Pick<Study, "name" | "project" | "spec"> & Partial<Pick<Study, "endsAt">>;

/** What an update may change. `updatedAt` follows by itself, and `version` unless only `cost` and `bestTrial` change. */
export type StudyChange = Partial<
  Pick<Study, "state" | "reason" | "spec" | "spaceVersion" | "cost" | "bestTrial" | "endsAt">
>;
