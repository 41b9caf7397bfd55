import { type Kysely, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
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
 * Brings a database to a schema. Several processes may call it at once: one migrates, the others wait.
 *
 * @param name - of the schema. @default the newest
 * @throws {Error} if a migration fails, or if the database or the name belongs to a newer version of this library.
 */
export async function migrate(db: Kysely<Schema>, name: string = migrationNames.at(-1)!): Promise<void> {
  const current = await schemaOf(db);
  const unknown = [current, name].find((each) => each !== undefined && !migrationNames.includes(each));
  if (unknown !== undefined)
    throw new Error(
      `the schema ${unknown} is one that this version does not know: use the version that wrote it, or a newer one`,
    );
  if (current !== undefined && current > name)
    throw new Error(`the database has the schema ${current}, which is newer than ${name}: use a new database`);
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateTo(name);
  if (error === undefined) return;
  const cause = error instanceof Error ? error : new Error(String(error));
  throw new Error(`the database could not be brought to the schema ${name}: ${cause.message}`, { cause });
}

/** @returns the newest schema that the database was brought to, known here or not; undefined for a database without one. */
export async function schemaOf(db: Kysely<Schema>): Promise<string | undefined> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return undefined;
  const newest = sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)} order by name desc limit 1`;
  return (await newest.execute(db)).rows[0]?.name;
}
