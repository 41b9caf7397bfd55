import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Migration } from "kysely/migration";

/** Suggestions computed ahead, which replicas share; and when studies end, so that those whose time is over are found by an index. */
export const suggestions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("suggestions")
      .addColumn("study", "text", (c) => c.notNull())
      .addColumn("number", "integer", (c) => c.notNull())
      .addColumn("body", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("suggestions_key", ["study", "number"])
      .execute();
    await db.schema
      .createTable("computations")
      .addColumn("study", "text", (c) => c.primaryKey())
      .addColumn("holder", "text", (c) => c.notNull())
      .addColumn("until", "bigint", (c) => c.notNull())
      .execute();

    await db.schema.alterTable("studies").addColumn("ends_at", "bigint").execute();
    await db.schema
      .createIndex("studies_by_end")
      .on("studies")
      .column("ends_at")
      .where(sql.ref("ends_at"), "is not", null)
      .execute();
    await setEnds(db as Kysely<Before>);
  },
};

/** What of the first schema is needed to know when its studies end. */
interface Before {
  readonly studies: { name: string; spec: string; created_at: number; ends_at: number | null };
}

async function setEnds(db: Kysely<Before>): Promise<void> {
  const studies = await db.selectFrom("studies").select(["name", "spec", "created_at"]).execute();
  for (const { name, spec, created_at } of studies) {
    const seconds = Number(JSON.parse(spec).budget?.maxSeconds ?? 0);
    if (!(seconds > 0)) continue;
    const ends_at = Math.min(Number(created_at) + Math.ceil(1000 * seconds), Number.MAX_SAFE_INTEGER);
    await db.updateTable("studies").set({ ends_at }).where("name", "=", name).execute();
  }
}
