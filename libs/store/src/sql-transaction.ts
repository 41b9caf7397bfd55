import type { Transaction } from "kysely";
import { noCost } from "./cost.ts";
import { attemptToRow, progressToRow, studyFromRow, studyToRow, trialToRow } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { createReader } from "./sql-reader.ts";
import { StoreConflict, type StoreTransaction } from "./store.ts";
import type { Study } from "./study.ts";
import type { Trial } from "./trial.ts";

export interface TransactionOptions {
  /** The transaction's time. */
  readonly now: number;
  /** True if the engine has several writers at a time, so that a study's row must be locked. */
  readonly rowLocks: boolean;
  /** Told the name of each study that got events or was deleted. */
  readonly touched: (study: string) => void;
}

/** The writes of a store in SQL that SQLite and PostgreSQL both understand. Uniqueness errors are left as the engine throws them. */
export function createTransaction(
  db: Transaction<Schema>,
  { now, rowLocks, touched }: TransactionOptions,
): StoreTransaction {
  const reader = createReader(db);

  async function requireStudy(name: string): Promise<Study> {
    const study = await reader.getStudy(name);
    if (!study) throw new StoreConflict(`there is no study ${name}`);
    return study;
  }

  return {
    ...reader,
    now,

    async lockStudy(name) {
      const query = db.selectFrom("studies").selectAll().where("name", "=", name);
      const row = await (rowLocks ? query.forUpdate() : query).executeTakeFirst();
      return row && studyFromRow(row);
    },

    async insertStudy(fresh) {
      const study: Study = {
        ...fresh,
        state: "active",
        reason: "",
        spaceVersion: 1,
        version: 1,
        trialCount: 0,
        lastEvent: 0,
        cost: noCost,
        bestTrial: null,
        createdAt: now,
        updatedAt: now,
      };
      await db.insertInto("studies").values(studyToRow(study)).execute();
      return study;
    },

    async updateStudy(name, change) {
      const before = await requireStudy(name);
      const { cost: _cost, bestTrial: _bestTrial, ...owned } = change;
      const version = before.version + (Object.keys(owned).length > 0 ? 1 : 0);
      const study: Study = { ...before, ...change, version, updatedAt: now };
      await db.updateTable("studies").set(studyToRow(study)).where("name", "=", name).execute();
      return study;
    },

    async deleteStudy(name) {
      for (const table of ["trials", "attempts", "progress", "events"] as const) {
        await db.deleteFrom(table).where("study", "=", name).execute();
      }
      const { numDeletedRows } = await db.deleteFrom("studies").where("name", "=", name).executeTakeFirst();
      touched(name);
      return numDeletedRows > 0n;
    },

    async insertTrials(name, fresh) {
      const { trialCount } = await requireStudy(name);
      const trials = fresh.map((trial, i) => ({
        ...waiting,
        ...trial,
        study: name,
        number: trialCount + i + 1,
        createdAt: now,
      }));
      // In small groups: engines limit the number of values in a statement.
      for (let i = 0; i < trials.length; i += 100) {
        await db
          .insertInto("trials")
          .values(trials.slice(i, i + 100).map(trialToRow))
          .execute();
      }
      await db
        .updateTable("studies")
        .set({ trial_count: trialCount + trials.length })
        .where("name", "=", name)
        .execute();
      return trials;
    },

    async updateTrial(name, number, change) {
      const before = await reader.getTrial(name, number);
      if (!before) throw new StoreConflict(`there is no trial ${number} of ${name}`);
      const trial: Trial = { ...before, ...change };
      await db
        .updateTable("trials")
        .set(trialToRow(trial))
        .where("study", "=", name)
        .where("number", "=", number)
        .execute();
      return trial;
    },

    async insertAttempt(attempt) {
      await db.insertInto("attempts").values(attemptToRow(attempt)).execute();
    },

    async updateAttempt(leaseId, change) {
      const before = await reader.findAttempt(leaseId);
      if (!before) throw new StoreConflict(`there is no lease ${leaseId}`);
      await db
        .updateTable("attempts")
        .set(attemptToRow({ ...before, ...change }))
        .where("lease_id", "=", leaseId)
        .execute();
    },

    async saveProgress(points) {
      for (const point of points) {
        const { metrics, cost, time, ...key } = progressToRow(point);
        await db
          .insertInto("progress")
          .values({ ...key, metrics, cost, time })
          .onConflict((c) => c.columns(["study", "trial", "attempt", "step"]).doUpdateSet({ metrics, cost, time }))
          .execute();
      }
    },

    async appendEvents(name, fresh) {
      if (fresh.length === 0) return;
      const { lastEvent } = await requireStudy(name);
      const events = fresh.map((event, i) => ({ ...event, study: name, sequence: lastEvent + i + 1, time: now }));
      for (let i = 0; i < events.length; i += 500) {
        await db
          .insertInto("events")
          .values(events.slice(i, i + 500))
          .execute();
      }
      await db
        .updateTable("studies")
        .set({ last_event: lastEvent + events.length })
        .where("name", "=", name)
        .execute();
      touched(name);
    },

    async saveResponse({ key, method, fingerprint, body }) {
      await db.insertInto("responses").values({ key, method, fingerprint, body, created_at: now }).execute();
    },
  };
}

const waiting = {
  state: "suggested",
  leases: 0,
  attempts: 0,
  attempt: 0,
  lease: null,
  worker: "",
  measurement: null,
  cost: noCost,
  stoppedEarly: false,
  reason: "",
  labels: {},
  traceparent: "",
  startedAt: null,
  finishedAt: null,
} as const satisfies Partial<Trial>;
