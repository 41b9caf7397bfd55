import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Transact } from "./group-commit.ts";
import type { Schema } from "./schema.ts";
import { shareReads } from "./shared-reads.ts";
import { createReader } from "./sql-reader.ts";
import { createTransaction } from "./sql-transaction.ts";
import {
  type Clock,
  type Store,
  StoreConflict,
  type StoreReader,
  type StoreTransaction,
  StoreUnavailable,
} from "./store.ts";
import { createWaiters, pollWhileWaiting } from "./waiters.ts";

/** What a store needs to know of its engine. */
export interface Engine {
  readonly db: Kysely<Schema>;
  /** Runs work in a transaction and commits it. */
  readonly transact: Transact;
  /** True if several transactions run at a time. */
  readonly rowLocks: boolean;
  /** True if other processes may write, so that waiting for events means looking now and then. */
  readonly shared: boolean;
  isUniqueViolation(error: unknown): boolean;
  /** True if the engine broke the transaction off and it may succeed when run again. */
  isRetryable(error: unknown): boolean;
  /** True if the database could not be reached, or went away: whether a transaction that committed has happened is then unknown. */
  isUnavailable(error: unknown): boolean;
}

/** Times that a transaction is run before a deadlock is an error. */
const maxTries = 5;

/** How often events of other processes are looked for, in milliseconds. */
const pollInterval = 250;

type Work<T> = (tx: StoreTransaction) => Promise<T>;

export function createSqlStore(engine: Engine, clock: Clock): Store {
  const { db } = engine;
  const reader = guard(createReader(db), engine);
  const waiters = createWaiters();
  // An event wakes all who wait for one.
  const studyNow = shareReads((name) => reader.getStudy(name));
  // One question for all that is waited for, however many wait: each would otherwise ask on its own, and the more wait, the slower the answers.
  const polling = engine.shared ? pollWhileWaiting(waiters, pollInterval, newsOf) : undefined;
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  async function attempt<T>(work: Work<T>): Promise<T> {
    const touched = new Set<string>();
    const result = await engine.transact(async (trx) => {
      const options = { clock, rowLocks: engine.rowLocks, touched: (study: string) => touched.add(study) };
      const { tx, flush } = createTransaction(trx, options);
      const value = await work(tx);
      await flush();
      return value;
    });
    for (const study of touched) waiters.wake(study);
    return result;
  }

  async function run<T>(work: Work<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(work);
      } catch (error) {
        if (engine.isRetryable(error) && tries < maxTries) continue;
        if (engine.isUnavailable(error)) throw unavailable(error);
        if (engine.isUniqueViolation(error)) throw new StoreConflict("a unique key is taken", { cause: error });
        throw error;
      }
    }
  }

  /** Which of the studies have an event after the one given, or are gone. */
  async function newsOf(seen: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const rows = await db
      .selectFrom("studies")
      .select(["name", "last_event"])
      .where("name", "in", [...seen.keys()])
      .execute();
    const last = new Map(rows.map(({ name, last_event }) => [name, Number(last_event)]));
    return [...seen]
      .filter(([name, sequence]) => (last.get(name) ?? Number.POSITIVE_INFINITY) > sequence)
      .map(([name]) => name);
  }

  async function waitForEvents(name: string, sequence: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !closing) {
      const left = new AbortController();
      const next = waiters.wait(name, AbortSignal.any([signal, left.signal]), sequence);
      try {
        const study = await studyNow(name);
        if (!study || study.lastEvent > sequence) return;
        await next;
      } finally {
        left.abort();
      }
    }
  }

  async function close(): Promise<void> {
    while (running.size > 0) await Promise.allSettled(running);
    await db.destroy();
  }

  /** Closing waits for what is tracked. */
  async function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  return {
    ...reader,

    async transaction(work) {
      if (closing) throw new Error("the store is closed");
      return track(run(work));
    },

    waitForEvents: (name, sequence, signal) => track(waitForEvents(name, sequence, signal)),

    async pruneResponses(time) {
      const { numDeletedRows } = await db.deleteFrom("responses").where("created_at", "<", time).executeTakeFirst();
      return Number(numDeletedRows);
    },

    async ping() {
      await sql`select 1`.execute(db);
    },

    close() {
      polling?.stop();
      closing ??= close();
      waiters.wakeAll();
      return closing;
    },
  };
}

/** The reader, with a database that cannot be reached told by its own error. */
function guard(reader: StoreReader, engine: Engine): StoreReader {
  const guarded = Object.entries(reader).map(([name, read]: [string, (...args: never[]) => Promise<unknown>]) => [
    name,
    (...args: never[]) =>
      read(...args).catch((error: unknown) => {
        throw engine.isUnavailable(error) ? unavailable(error) : error;
      }),
  ]);
  return Object.fromEntries(guarded);
}

function unavailable(error: unknown): StoreUnavailable {
  return new StoreUnavailable(error instanceof Error ? error.message : String(error), { cause: error });
}
