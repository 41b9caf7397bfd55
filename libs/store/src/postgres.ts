import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Schema } from "./schema.ts";
import type { Engine } from "./sql-store.ts";

/** Largest number of connections; a transaction holds one. */
const connections = 10;

/** Object id of PostgreSQL's type bigint, which its driver gives as text. All of ours are below 2^53. */
const bigint = 20;

/** @param url - `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with the options of the `pg` package as parameters. */
export function openPostgres(url: string): Engine {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // A replica that vanished in the middle of a transaction, its machine with it, must not keep a study locked.
    idle_in_transaction_session_timeout: 30_000,
    types: {
      getTypeParser: (id, format) => (id === bigint ? Number : pg.types.getTypeParser(id, format as "text")),
    },
  });
  // Connections that break: whoever uses one hears of it by the query, and the pool opens another when one is needed.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    transact: (work) => db.transaction().execute(work),
    rowLocks: true,
    shared: true,
    isUniqueViolation: (error) => codeOf(error) === "23505",
    // Serialization failure and deadlock.
    isRetryable: (error) => ["40001", "40P01"].includes(codeOf(error)),
    isUnavailable: (error) => unavailable.test(codeOf(error)) || terminated.test(messageOf(error)),
  };
}

/** SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutdown, start-up), and the system's own network errors. */
const unavailable = /^(08...|53...|57P0.|ECONN[A-Z]+|EPIPE|ETIMEDOUT|ENOENT|ENOTFOUND|EAI_AGAIN)$/;

/** The driver gives no code when the server goes away under a query. */
const terminated =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/;

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
