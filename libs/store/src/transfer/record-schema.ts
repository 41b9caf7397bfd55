import { z } from "zod";
import type { JsonObject } from "../json.ts";
import type { StudyRecord } from "./study-record.ts";

/** Last millisecond of the year 9999, where the contracts' timestamps end. */
const lastTime = 253_402_300_799_999;

/** Largest number of PostgreSQL's type integer. */
const largest = 2 ** 31 - 1;

// PostgreSQL keeps no NUL in a text.
const text = z.string().refine((value) => !value.includes("\0"), "must not contain NUL");
const count = z.int().min(0).max(largest);
const ordinal = z.int().min(1).max(largest);
const time = z.int().min(0).max(lastTime);
const amount = z.number().min(0);
const metrics = z.record(z.string(), z.number());
const json: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const cost = z.strictObject({ total: amount, scoring: amount, gradient: amount, evaluation: amount, data: amount });

const measurement = z.strictObject({
  value: z.number(),
  metrics,
  cost,
  priorCost: amount.exactOptional(),
  extrapolated: z.strictObject({ value: z.number(), cost: amount }).exactOptional(),
});

const trialCounts = z.strictObject({
  suggested: count,
  leased: count,
  running: count,
  completed: count,
  failed: count,
  infeasible: count,
  abandoned: count,
  imported: count,
});

const study = z.strictObject({
  name: text,
  project: text,
  state: z.enum(["active", "paused", "completed"]),
  reason: text,
  spec: json,
  spaceVersion: ordinal,
  version: ordinal,
  trialCount: count,
  counts: trialCounts,
  lastEvent: z.int().min(0),
  cost,
  bestTrial: ordinal.nullable(),
  createdAt: time,
  updatedAt: time,
  endsAt: z.int().nullable().default(null),
});

const trial = z.strictObject({
  study: text,
  number: ordinal,
  state: z.enum(["suggested", "leased", "running", "completed", "failed", "infeasible", "abandoned"]),
  point: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  spaceVersion: ordinal,
  leases: count,
  attempts: count,
  attempt: count,
  lease: z.strictObject({ id: text, worker: text, grantedAt: time, expiresAt: time }).nullable(),
  worker: text,
  measurement: measurement.nullable(),
  cost,
  stoppedEarly: z.boolean(),
  reason: text,
  explanation: json,
  labels: z.record(z.string(), z.string()),
  traceparent: text,
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

const attempt = z.strictObject({
  study: text,
  trial: ordinal,
  number: ordinal,
  leaseId: text,
  worker: text,
  outcome: z.enum(["open", "completed", "failed", "infeasible", "abandoned", "returned", "expired"]),
  reason: text,
  measurement: measurement.nullable(),
  cost,
  late: z.boolean(),
  grantedAt: time,
  endedAt: time.nullable(),
});

const progress = z.strictObject({
  study: text,
  trial: ordinal,
  attempt: ordinal,
  step: z.int().min(0),
  metrics,
  cost,
  time,
});

const event = z.strictObject({
  study: text,
  sequence: z.int().min(1),
  kind: text,
  time,
  trial: ordinal.nullable(),
  message: text,
});

/** What an exported study consists of, as far as a type can say it. */
export const recordSchema = z.object({
  study,
  trials: z.array(trial),
  attempts: z.array(attempt),
  progress: z.array(progress),
  events: z.array(event),
}) satisfies z.ZodType<StudyRecord>;
