import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { migrate } from "./migrations/index.ts";
import { openPostgres } from "./postgres.ts";
import { createSqlStore, type Engine } from "./sql-store.ts";
import { openSqlite } from "./sqlite.ts";
import type { Clock, Store } from "./store.ts";

export interface StoreOptions {
  /** Times that are written. @default the system's clock */
  readonly clock?: Clock;
}

/**
 * Opens a store and brings its schema up to date.
 *
 * @param url - `sqlite:PATH` (a file; its folder is created if missing), `sqlite::memory:`, which keeps nothing, or
 *   `postgres://USER:PASSWORD@HOST:PORT/DATABASE` of PostgreSQL 14 or newer.
 * @throws {Error} if the URL is of none of these forms, the database cannot be opened, or its schema is newer than this library.
 */
export async function openStore(url: string, options: StoreOptions = {}): Promise<Store> {
  const engine = openEngine(url);
  try {
    await migrate(engine.db);
  } catch (error) {
    await engine.db.destroy();
    throw error;
  }
  return createSqlStore(engine, options.clock ?? Date.now);
}

/** Brings a database to the current schema, as opening it does. @param url - as for {@link openStore}. */
export async function migrateStore(url: string): Promise<void> {
  await (await openStore(url)).close();
}

/**
 * Opens a database as it is.
 *
 * @param url - as for {@link openStore}.
 * @param options - `mustExist`: refuse a file that is missing instead of making it.
 */
export function openEngine(url: string, { mustExist = false } = {}): Engine {
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url);
  if (!url.startsWith("sqlite:"))
    throw new Error("cannot open the store: its address must be sqlite:PATH or postgres://HOST/DATABASE");
  const path = url.slice("sqlite:".length);
  if (path === "") throw new Error("cannot open the store: the path after sqlite: is missing");
  if (path === ":memory:") return openSqlite(path);
  const file = resolve(path);
  if (mustExist && !existsSync(file)) throw new Error(`cannot open the store: there is no file ${file}`);
  mkdirSync(dirname(file), { recursive: true });
  return openSqlite(file);
}
