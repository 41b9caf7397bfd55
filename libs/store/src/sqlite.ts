import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type SqliteStatement,
  type TransactionSettings,
} from "kysely";
import { createGroupCommit } from "./group-commit.ts";
import type { Schema } from "./schema.ts";
import type { Engine } from "./sql-store.ts";

/** Milliseconds to wait for another process' transaction. */
const lockTimeout = 30_000;

/** Result code of SQLite: another connection has the lock. */
const busy = 5;

/** Result code of SQLite: a unique key is taken. */
const constraint = 19;

/** Statements kept compiled. The store has fewer shapes of statements, but for lists of values of every length. */
const statementCacheSize = 256;

/**
 * Opens SQLite through Node's own `node:sqlite`. Kysely serializes all use of the one connection. Write-ahead log, and every commit is
 * flushed to the disk (synchronous = full), so what was acknowledged survives a killed process and a power cut.
 *
 * @param path - of the file, created if missing, or ":memory:".
 */
export function openSqlite(path: string): Engine {
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec("pragma journal_mode = wal; pragma synchronous = full");
  // From here on nothing blocks the event loop: whoever waits for another connection's transaction waits in `begin`.
  database.exec("pragma busy_timeout = 0");
  const db = new Kysely<Schema>({ dialect: sqliteDialect(database) });
  return {
    db,
    transact: createGroupCommit(db),
    rowLocks: false,
    shared: path !== ":memory:",
    isUniqueViolation: (error) => primaryCode(error) === constraint,
    isRetryable: () => false,
    // Another process holds the lock for longer than is reasonable.
    isUnavailable: (error) => primaryCode(error) === busy,
  };
}

/** SQLite's primary result code: the lower 8 bits of the extended one. */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

function sqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new TransactionalDdlAdapter(),
    createDriver: () => {
      const driver: Driver = new SqliteDriver({ database: adapt(database) });
      driver.beginTransaction = begin;
      return driver;
    },
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** SQLite can create tables in a transaction, so a migration happens as a whole or not at all; Kysely supposes that it cannot. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/**
 * Takes the write lock at once: a transaction that reads first and writes later could otherwise fail half way through. While another
 * connection holds the lock, tries again every few milliseconds. One that only reads sees the state of its first read and keeps nobody waiting.
 */
async function begin(connection: DatabaseConnection, { accessMode }: TransactionSettings): Promise<void> {
  const deadline = performance.now() + lockTimeout;
  const command = accessMode === "read only" ? "begin" : "begin immediate";
  for (;;) {
    try {
      await connection.executeQuery(CompiledQuery.raw(command));
      return;
    } catch (error) {
      if (primaryCode(error) !== busy || performance.now() > deadline) throw error;
      await setTimeout(2);
    }
  }
}

/** The few methods that Kysely calls, with compiled statements kept from one use to the next. */
function adapt(database: DatabaseSync): SqliteDatabase {
  const cache = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare(sql) {
      const known = cache.get(sql);
      if (known) return known;
      const statement = adaptStatement(database.prepare(sql));
      if (cache.size >= statementCacheSize) cache.delete(cache.keys().next().value!);
      cache.set(sql, statement);
      return statement;
    },
  };
}

function adaptStatement(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
