import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { type Kysely, sql, type Transaction } from "kysely";
import { migrate } from "../migrations/index.ts";
import { openEngine } from "../open.ts";
import type { Schema } from "../schema.ts";
import { type BackedUpTable, type BackupEnd, type BackupHead, type BackupRow, backedUp } from "./tables.ts";

/** Rows written at a time: engines limit the number of values in a statement. */
const groupSize = 100;

/**
 * Fills an empty store from a file that `backupStore` wrote, with either engine, and brings it to the current schema. All of it or nothing.
 *
 * @param url - as for `openStore`.
 * @returns the number of rows.
 * @throws {Error} if the store holds anything, or the file is not a whole backup of a schema that is known.
 */
export async function restoreStore(url: string, path: string): Promise<number> {
  const lines = linesOf(path);
  const head = await readHead(lines, path);
  const { db } = openEngine(url);
  try {
    await migrate(db, head.schema);
    const rows = await db.transaction().execute(async (trx) => {
      await requireEmpty(trx);
      return insertAll(trx, lines);
    });
    await migrate(db);
    return rows;
  } finally {
    await db.destroy();
  }
}

type Lines = AsyncGenerator<unknown>;

async function* linesOf(path: string): Lines {
  const file = createReadStream(path);
  const text = file.pipe(createGunzip());
  file.on("error", (error) => text.destroy(error));
  for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY }))
    yield JSON.parse(line);
}

async function readHead(lines: Lines, path: string): Promise<BackupHead> {
  const { value } = await lines.next().catch((cause) => {
    throw new Error(`${path} is not a backup of a store: ${(cause as Error).message}`, { cause });
  });
  const head = (value ?? {}) as Partial<BackupHead>;
  if (head.format !== "superbatch-backup") throw new Error(`${path} is not a backup of a store`);
  if (head.version !== 1) throw new Error(`${path} is a backup of version ${head.version}, unknown here`);
  return head as BackupHead;
}

async function requireEmpty(trx: Transaction<Schema>): Promise<void> {
  const { rows } = await sql`select 1 from studies union all select 1 from responses limit 1`.execute(trx);
  if (rows.length > 0) throw new Error("the store is not empty: restore into a new one");
}

/** @returns the number of rows. @throws {Error} if the last line is missing. */
async function insertAll(trx: Transaction<Schema>, lines: Lines): Promise<number> {
  let table: BackedUpTable | undefined;
  let group: Record<string, unknown>[] = [];
  let count = 0;
  const flush = async () => {
    if (table && group.length > 0) await insert(trx, table, group);
    count += group.length;
    group = [];
  };
  for await (const line of lines) {
    if (!Array.isArray(line)) {
      await flush();
      if ((line as BackupEnd).rows !== count) break;
      return count;
    }
    const [name, row] = line as unknown as BackupRow;
    if (name !== table || group.length === groupSize) await flush();
    if (!Object.hasOwn(backedUp, name)) throw new Error(`the backup has a table ${name}, unknown here`);
    table = name;
    group.push(decode(row));
  }
  throw new Error("the backup is not whole: its end is missing");
}

async function insert(
  trx: Kysely<Schema>,
  table: BackedUpTable,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  await trx
    .insertInto(table)
    .values(rows as never)
    .execute();
}

function decode(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(row).map(([column, value]) => {
    const { base64 } = (value ?? {}) as { base64?: string };
    return [column, base64 === undefined ? value : Buffer.from(base64, "base64")];
  });
  return Object.fromEntries(entries);
}
