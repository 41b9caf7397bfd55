import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Kysely, sql, type Transaction } from "kysely";
import { schemaOf } from "../migrations/index.ts";
import { openEngine } from "../open.ts";
import type { Schema } from "../schema.ts";
import { type BackupEnd, type BackupHead, type BackupRow, backedUp } from "./tables.ts";

/** Rows read at a time. */
const pageSize = 1_000;

/**
 * Writes everything that a store holds into one file: compressed lines of JSON, the same for all engines. Optimizers may go on working meanwhile: the
 * file has the state of one moment. It appears under its name once it is whole and on the disk.
 *
 * @param url - as for `openStore`; the database must exist, of any schema that is known.
 * @returns the number of rows written.
 */
export async function backupStore(url: string, path: string): Promise<number> {
  const { db } = openEngine(url, { mustExist: true });
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, "w", 0o600);
    const end = { rows: 0 };
    await snapshot(db, (trx) => pipeline(linesOf(trx, end), createGzip(), file.createWriteStream({ flush: true })));
    await rename(partial, path);
    return end.rows;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await db.destroy();
  }
}

/** Reads one consistent state, in either engine without keeping writers waiting. */
async function snapshot(db: Kysely<Schema>, read: (trx: Transaction<Schema>) => Promise<void>): Promise<void> {
  await db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only").execute(read);
}

async function* linesOf(trx: Transaction<Schema>, end: { rows: number }): AsyncIterable<string> {
  const schema = await schemaOf(trx);
  if (schema === undefined) throw new Error("the database holds no store");
  const head: BackupHead = { format: "superbatch-backup", version: 1, schema };
  yield `${JSON.stringify(head)}\n`;
  const existing = new Set((await trx.introspection.getTables()).map(({ name }) => name));
  for (const [table, key] of Object.entries(backedUp)) {
    // Tables of later schemas than the database's.
    if (!existing.has(table)) continue;
    for await (const rows of pagesOf(trx, table, key)) {
      end.rows += rows.length;
      yield rows.map((row) => `${JSON.stringify([table, encode(row)] as unknown as BackupRow)}\n`).join("");
    }
  }
  yield `${JSON.stringify(end satisfies BackupEnd)}\n`;
}

type Row = Record<string, unknown>;

/** A table by its key, in pages. */
async function* pagesOf(trx: Transaction<Schema>, table: string, key: readonly string[]): AsyncIterable<Row[]> {
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let last: Row | undefined;
  for (;;) {
    const after = last ? sql`where (${columns}) > (${sql.join(key.map((column) => last![column]))})` : sql``;
    const page = sql<Row>`select * from ${sql.table(table)} ${after} order by ${columns} limit ${pageSize}`;
    const { rows } = await page.execute(trx);
    if (rows.length > 0) yield rows;
    if (rows.length < pageSize) return;
    last = rows.at(-1);
  }
}

function encode(row: Row): Row {
  const entries = Object.entries(row).map(([column, value]) =>
    value instanceof Uint8Array ? [column, { base64: Buffer.from(value).toString("base64") }] : [column, value],
  );
  return Object.fromEntries(entries);
}
