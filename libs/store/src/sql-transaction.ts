import type { InsertObject, Transaction } from "kysely";
import { noCost } from "./cost.ts";
import { recount } from "./counts.ts";
import { attemptToRow, progressToRow, studyToRow, trialToRow } from "./rows.ts";
import type { Schema } from "./schema.ts";
import { createReader } from "./sql-reader.ts";
import { createSuggestionWrites } from "./sql-suggestions.ts";
import { type Clock, StoreConflict, type StoreTransaction } from "./store.ts";
import { noTrials, type Study } from "./study.ts";
import { createStudyCache } from "./study-cache.ts";
import type { Trial } from "./trial.ts";

export interface TransactionOptions {
  readonly clock: Clock;
  /** True if the engine has several writers at a time, so that a study's row must be locked. */
  readonly rowLocks: boolean;
  /** Told the name of each study that got events or was deleted. */
  readonly touched: (study: string) => void;
}

/** The writes of a transaction, and what must be written before it commits. */
export interface SqlTransaction {
  readonly tx: StoreTransaction;
  flush(): Promise<void>;
}

/** The writes of a store in SQL that SQLite and PostgreSQL both understand. Uniqueness errors are left as the engine throws them. */
export function createTransaction(
  db: Transaction<Schema>,
  { clock, rowLocks, touched }: TransactionOptions,
): SqlTransaction {
  const reader = createReader(db);
  // Locking may take as long as other writers of the study do: what happens after them has a later time than theirs.
  let now = clock();
  const studies = createStudyCache(db, {
    rowLocks,
    locked: () => {
      now = Math.max(now, clock());
    },
  });

  /** In groups: engines limit the number of values in a statement. */
  async function insertAll<Table extends keyof Schema>(table: Table, rows: readonly Schema[Table][]): Promise<void> {
    for (let i = 0; i < rows.length; i += 100) {
      const group = rows.slice(i, i + 100) as unknown as InsertObject<Schema, Table>[];
      await db.insertInto(table).values(group).execute();
    }
  }

  const tx: StoreTransaction = {
    ...reader,
    ...createSuggestionWrites(db, () => now),
    get now() {
      return now;
    },
    getStudy: (name) => studies.read(name),
    lockStudy: (name) => studies.read(name, true),

    async listStudies(page) {
      await studies.flush();
      return reader.listStudies(page);
    },

    async countStudies(project) {
      await studies.flush();
      return reader.countStudies(project);
    },

    async insertStudy(fresh) {
      const study: Study = {
        state: "active",
        reason: "",
        spaceVersion: 1,
        version: 1,
        trialCount: 0,
        counts: noTrials,
        lastEvent: 0,
        cost: noCost,
        bestTrial: null,
        createdAt: now,
        updatedAt: now,
        endsAt: null,
        ...fresh,
      };
      await db.insertInto("studies").values(studyToRow(study)).execute();
      return study;
    },

    async updateStudy(name, change) {
      const before = await studies.require(name);
      const { cost: _cost, bestTrial: _bestTrial, ...owned } = change;
      const version = before.version + (Object.keys(owned).length > 0 ? 1 : 0);
      const study: Study = { ...before, ...change, version, updatedAt: now };
      studies.change(study);
      return study;
    },

    async deleteStudy(name) {
      for (const table of ["trials", "attempts", "progress", "events", "suggestions", "computations"] as const) {
        await db.deleteFrom(table).where("study", "=", name).execute();
      }
      const { numDeletedRows } = await db.deleteFrom("studies").where("name", "=", name).executeTakeFirst();
      studies.forget(name);
      touched(name);
      return numDeletedRows > 0n;
    },

    async insertTrials(name, fresh) {
      const study = await studies.require(name);
      const { trialCount } = study;
      const trials = fresh.map(
        (trial, i): Trial => ({ ...waiting, ...trial, study: name, number: trialCount + i + 1, createdAt: now }),
      );
      await insertAll("trials", trials.map(trialToRow));
      const counts = trials.reduce((sum, trial) => recount(sum, undefined, trial), study.counts);
      studies.change({ ...study, trialCount: trialCount + trials.length, counts });
      return trials;
    },

    async restoreStudy({ study, trials, attempts, progress, events }) {
      await db.insertInto("studies").values(studyToRow(study)).execute();
      await insertAll("trials", trials.map(trialToRow));
      await insertAll("attempts", attempts.map(attemptToRow));
      await insertAll("progress", progress.map(progressToRow));
      await insertAll("events", events);
      touched(study.name);
    },

    async updateTrial(name, number, change) {
      const before = await reader.getTrial(name, number);
      if (!before) throw new StoreConflict(`there is no trial ${number} of ${name}`);
      const trial: Trial = { ...before, ...change };
      const row = trialToRow(trial);
      await db.updateTable("trials").set(row).where("study", "=", name).where("number", "=", number).execute();
      const study = await studies.require(name);
      studies.change({ ...study, counts: recount(study.counts, before, trial) });
      return trial;
    },

    async insertAttempt(attempt) {
      await db.insertInto("attempts").values(attemptToRow(attempt)).execute();
    },

    async updateAttempt(leaseId, change) {
      const before = await reader.findAttempt(leaseId);
      if (!before) throw new StoreConflict(`there is no lease ${leaseId}`);
      const row = attemptToRow({ ...before, ...change });
      await db.updateTable("attempts").set(row).where("lease_id", "=", leaseId).execute();
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
      const study = await studies.require(name);
      const { lastEvent } = study;
      const events = fresh.map((event, i) => ({ ...event, study: name, sequence: lastEvent + i + 1, time: now }));
      await insertAll("events", events);
      studies.change({ ...study, lastEvent: lastEvent + events.length });
      touched(name);
    },

    async saveResponse({ key, method, fingerprint, body }) {
      await db.insertInto("responses").values({ key, method, fingerprint, body, created_at: now }).execute();
    },
  };
  return { tx, flush: studies.flush };
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
