import type { Kysely } from "kysely";
import { attemptFromRow, progressFromRow, studyFromRow, trialFromRow } from "./rows.ts";
import type { Schema } from "./schema.ts";
import type { StoreReader } from "./store.ts";

/** Reads through a connection pool or inside a transaction, whichever `db` is. */
export function createReader(db: Kysely<Schema>): StoreReader {
  return {
    async getStudy(name) {
      const row = await db.selectFrom("studies").selectAll().where("name", "=", name).executeTakeFirst();
      return row && studyFromRow(row);
    },

    async listStudies({ after, limit, project, states } = {}) {
      let query = db.selectFrom("studies").selectAll().orderBy("created_at", "desc").orderBy("name");
      const projects = project === undefined ? undefined : [project].flat();
      // PostgreSQL has no empty list.
      if (projects?.length === 0) return [];
      if (projects) query = query.where("project", "in", projects);
      if (states) query = query.where("state", "in", [...states]);
      if (limit !== undefined) query = query.limit(limit);
      if (after) {
        query = query.where((e) =>
          e.or([
            e("created_at", "<", after.createdAt),
            e.and([e("created_at", "=", after.createdAt), e("name", ">", after.name)]),
          ]),
        );
      }
      return (await query.execute()).map(studyFromRow);
    },

    async countStudies(project) {
      const { n } = await db
        .selectFrom("studies")
        .select((e) => e.fn.countAll().as("n"))
        .where("project", "=", project)
        .executeTakeFirstOrThrow();
      return Number(n);
    },

    async listOver(time, limit) {
      const rows = await db
        .selectFrom("studies")
        .select("name")
        .where("ends_at", "<=", time)
        .where("state", "=", "active")
        .orderBy("ends_at")
        .limit(limit)
        .execute();
      return rows.map(({ name }) => name);
    },

    async getTrial(study, number) {
      const row = await db
        .selectFrom("trials")
        .selectAll()
        .where("study", "=", study)
        .where("number", "=", number)
        .executeTakeFirst();
      return row && trialFromRow(row);
    },

    async listTrials(study, { after, limit, states } = {}) {
      if (states?.length === 0) return [];
      let query = db.selectFrom("trials").selectAll().where("study", "=", study).orderBy("number");
      if (states) query = query.where("state", "in", [...states]);
      if (after !== undefined) query = query.where("number", ">", after);
      if (limit !== undefined) query = query.limit(limit);
      return (await query.execute()).map(trialFromRow);
    },

    async listExpired(time, limit) {
      const rows = await db
        .selectFrom("trials")
        .selectAll()
        .where("lease_expires_at", "<=", time)
        .orderBy("lease_expires_at")
        .limit(limit)
        .execute();
      return rows.map(trialFromRow);
    },

    async nextExpiry() {
      const row = await db
        .selectFrom("trials")
        .select("lease_expires_at")
        .where("lease_expires_at", "is not", null)
        .orderBy("lease_expires_at")
        .limit(1)
        .executeTakeFirst();
      return row?.lease_expires_at ?? undefined;
    },

    async findAttempt(leaseId) {
      const row = await db.selectFrom("attempts").selectAll().where("lease_id", "=", leaseId).executeTakeFirst();
      return row && attemptFromRow(row);
    },

    async listAttempts(study, trials) {
      let query = db.selectFrom("attempts").selectAll().where("study", "=", study).orderBy("trial").orderBy("number");
      if (typeof trials === "number") query = query.where("trial", "=", trials);
      else if (trials) query = query.where("trial", ">=", trials.first).where("trial", "<=", trials.last);
      return (await query.execute()).map(attemptFromRow);
    },

    async listProgress(study, trial) {
      let query = db.selectFrom("progress").selectAll().where("study", "=", study);
      if (trial !== undefined) query = query.where("trial", "=", trial);
      return (await query.orderBy("trial").orderBy("attempt").orderBy("step").execute()).map(progressFromRow);
    },

    async listEvents(study, { after, limit } = {}) {
      let query = db.selectFrom("events").selectAll().where("study", "=", study).orderBy("sequence");
      if (after !== undefined) query = query.where("sequence", ">", after);
      if (limit !== undefined) query = query.limit(limit);
      return await query.execute();
    },

    async findResponse(key) {
      const row = await db.selectFrom("responses").selectAll().where("key", "=", key).executeTakeFirst();
      if (!row) return undefined;
      const { created_at: createdAt, ...rest } = row;
      return { ...rest, createdAt };
    },
  };
}
