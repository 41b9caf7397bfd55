import type { Point } from "@superbatch/search-space";
import type { Cost } from "./cost.ts";
import type { JsonObject } from "./json.ts";

/**
 * `suggested`: waits for a trainer, first or again. `leased`: handed out. `running`: its trainer has reported.
 * The four ends: `completed` with a value; `failed` after its last attempt; `infeasible`, to be learned; `abandoned`, to be forgotten.
 */
export type TrialState = "suggested" | "leased" | "running" | "completed" | "failed" | "infeasible" | "abandoned";

/** States in which a trial has a lease. */
export const heldStates = ["leased", "running"] as const satisfies readonly TrialState[];

/** States that a trial leaves only for `completed`, by a late result. */
export const finalStates = ["completed", "failed", "infeasible", "abandoned"] as const satisfies readonly TrialState[];

/** A trainer's hold on a trial. It ends by itself at `expiresAt` on the server's clock; heartbeats extend it. */
export interface Lease {
  /** Unique among all leases ever granted. */
  readonly id: string;
  readonly worker: string;
  readonly grantedAt: number;
  readonly expiresAt: number;
}

/** A trial's result, as its trainer measured it. */
export interface Measurement {
  /** Value of the study's metric, finite, never flipped. */
  readonly value: number;
  /** Other values by name, finite. */
  readonly metrics: Readonly<Record<string, number>>;
  /** What the attempt that brought the result cost. */
  readonly cost: Cost;
  /** What earlier attempts had spent on the checkpoint that it went on from. @default 0 */
  readonly priorCost?: number;
  /** What a run that was stopped early would have ended with, as predicted then. @default absent: it ran to its end, or nothing was predicted */
  readonly extrapolated?: Extrapolation;
}

export interface Extrapolation {
  readonly value: number;
  /** In the study's unit. */
  readonly cost: number;
}

/** One evaluation of a point. */
export interface Trial {
  /** Name of the study. */
  readonly study: string;
  /** 1, 2, … in the study, without gaps. */
  readonly number: number;
  readonly state: TrialState;
  /** Values in plain units, fidelities included; inactive parameters are absent. */
  readonly point: Point;
  /** Version of the space that the point was made in. */
  readonly spaceVersion: number;
  /** Leases granted so far. */
  readonly leases: number;
  /** Attempts that count toward the limit: leases but for those that a worker gave back. */
  readonly attempts: number;
  /** Present exactly in the held states. */
  readonly lease: Lease | null;
  /** Worker that holds or held the last lease, empty before the first. */
  readonly worker: string;
  /** Present exactly in state `completed`. */
  readonly measurement: Measurement | null;
  /** Ordinal of the lease whose learning curve counts: that of the result, or the current one; 0 before the first lease. */
  readonly attempt: number;
  /** Cost so far of all attempts, lost ones included. */
  readonly cost: Cost;
  /** True once the trial was told to stop early, and if it completed because of that. */
  readonly stoppedEarly: boolean;
  /** Why the trial is in its state: the failure, the expiry, the stop. */
  readonly reason: string;
  /** Why the point was chosen: the optimizer's own JSON. */
  readonly explanation: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
  /** W3C trace context of the trial's root span, empty before the first lease. */
  readonly traceparent: string;
  readonly createdAt: number;
  /** First lease, null before. */
  readonly startedAt: number | null;
  /** When it reached a final state, null before. */
  readonly finishedAt: number | null;
}

/** What a trial starts from. Whatever is not given has the value of a trial that waits: no lease, no result, no cost. */
export type NewTrial = Pick<Trial, "point" | "spaceVersion" | "explanation"> &
  Partial<Omit<Trial, "study" | "number" | "createdAt">>;

export type TrialChange = Partial<Omit<Trial, "study" | "number" | "createdAt">>;
