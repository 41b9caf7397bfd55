import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Schema } from "../schema.ts";
import { initial } from "./0001-initial.ts";
import { suggestions } from "./0002-suggestions.ts";

/** All versions of the schema in order. A released one is never changed: what must change comes as the next number. */
const migrations: Readonly<Record<string, Migration>> = {
  "0001-initial": initial,
  "0002-suggestions": suggestions,
};

/** Names of all versions in order: the number of the last is the schema's. */
export const migrationNames: readonly string[] = Object.keys(migrations);

/**
 * Brings a database to the newest schema. Several processes may call it at once: one migrates, the others wait.
 *
 * @throws {Error} if a migration fails, or if the database was written by a newer version of this library.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const cause = error instanceof Error ? error : new Error(String(error));
  throw new Error(
    cause.message.includes("is missing")
      ? `the database has a schema that this version does not know: open it with the version that wrote it, or a newer one (${cause.message})`
      : `the database could not be brought to the current schema: ${cause.message}`,
    { cause },
  );
}
