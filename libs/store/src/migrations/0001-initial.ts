import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Studies, trials, attempts, learning curves, events, and the responses that make calls idempotent. */
export const initial: Migration = {
  async up(db: Kysely<unknown>) {
    // The one type that SQLite and PostgreSQL name differently; SQLite takes any name, and "bytea" keeps bytes as they are.
    const bytes = sql`bytea`;
    await db.schema
      .createTable("studies")
      .addColumn("name", "text", (c) => c.primaryKey())
      .addColumn("project", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("reason", "text", (c) => c.notNull())
      .addColumn("spec", "text", (c) => c.notNull())
      .addColumn("space_version", "integer", (c) => c.notNull())
      .addColumn("version", "integer", (c) => c.notNull())
      .addColumn("trial_count", "integer", (c) => c.notNull())
      .addColumn("counts", "text", (c) => c.notNull())
      .addColumn("last_event", "bigint", (c) => c.notNull())
      .addColumn("cost", "text", (c) => c.notNull())
      .addColumn("best_trial", "integer")
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("updated_at", "bigint", (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex("studies_by_age")
      .on("studies")
      .columns(["project", "created_at desc", "name"])
      .execute();

    await db.schema
      .createTable("trials")
      .addColumn("study", "text", (c) => c.notNull())
      .addColumn("number", "integer", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("point", "text", (c) => c.notNull())
      .addColumn("space_version", "integer", (c) => c.notNull())
      .addColumn("leases", "integer", (c) => c.notNull())
      .addColumn("attempts", "integer", (c) => c.notNull())
      .addColumn("attempt", "integer", (c) => c.notNull())
      .addColumn("lease_id", "text")
      .addColumn("lease_granted_at", "bigint")
      .addColumn("lease_expires_at", "bigint")
      .addColumn("worker", "text", (c) => c.notNull())
      .addColumn("measurement", "text")
      .addColumn("cost", "text", (c) => c.notNull())
      .addColumn("stopped_early", "integer", (c) => c.notNull())
      .addColumn("reason", "text", (c) => c.notNull())
      .addColumn("explanation", "text", (c) => c.notNull())
      .addColumn("labels", "text", (c) => c.notNull())
      .addColumn("traceparent", "text", (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .addColumn("started_at", "bigint")
      .addColumn("finished_at", "bigint")
      .addPrimaryKeyConstraint("trials_key", ["study", "number"])
      .execute();
    await db.schema.createIndex("trials_by_state").on("trials").columns(["study", "state", "number"]).execute();
    await db.schema
      .createIndex("trials_by_expiry")
      .on("trials")
      .column("lease_expires_at")
      .where(sql.ref("lease_expires_at"), "is not", null)
      .execute();

    await db.schema
      .createTable("attempts")
      .addColumn("lease_id", "text", (c) => c.primaryKey())
      .addColumn("study", "text", (c) => c.notNull())
      .addColumn("trial", "integer", (c) => c.notNull())
      .addColumn("number", "integer", (c) => c.notNull())
      .addColumn("worker", "text", (c) => c.notNull())
      .addColumn("outcome", "text", (c) => c.notNull())
      .addColumn("reason", "text", (c) => c.notNull())
      .addColumn("measurement", "text")
      .addColumn("cost", "text", (c) => c.notNull())
      .addColumn("late", "integer", (c) => c.notNull())
      .addColumn("granted_at", "bigint", (c) => c.notNull())
      .addColumn("ended_at", "bigint")
      .addUniqueConstraint("attempts_by_trial", ["study", "trial", "number"])
      .execute();

    await db.schema
      .createTable("progress")
      .addColumn("study", "text", (c) => c.notNull())
      .addColumn("trial", "integer", (c) => c.notNull())
      .addColumn("attempt", "integer", (c) => c.notNull())
      .addColumn("step", "bigint", (c) => c.notNull())
      .addColumn("metrics", "text", (c) => c.notNull())
      .addColumn("cost", "text", (c) => c.notNull())
      .addColumn("time", "bigint", (c) => c.notNull())
      .addPrimaryKeyConstraint("progress_key", ["study", "trial", "attempt", "step"])
      .execute();

    await db.schema
      .createTable("events")
      .addColumn("study", "text", (c) => c.notNull())
      .addColumn("sequence", "bigint", (c) => c.notNull())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("time", "bigint", (c) => c.notNull())
      .addColumn("trial", "integer")
      .addColumn("message", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("events_key", ["study", "sequence"])
      .execute();

    await db.schema
      .createTable("responses")
      .addColumn("key", "text", (c) => c.primaryKey())
      .addColumn("method", "text", (c) => c.notNull())
      .addColumn("fingerprint", "text", (c) => c.notNull())
      .addColumn("body", bytes, (c) => c.notNull())
      .addColumn("created_at", "bigint", (c) => c.notNull())
      .execute();
    await db.schema.createIndex("responses_by_age").on("responses").column("created_at").execute();
  },
};
