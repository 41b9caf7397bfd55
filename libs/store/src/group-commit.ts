import { setImmediate } from "node:timers/promises";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Schema } from "./schema.ts";

/** Runs work in a transaction, alone or together with the work of others. */
export type Transact = <T>(work: (trx: Transaction<Schema>) => Promise<T>) => Promise<T>;

/** A group takes in no more work after this time: its first member waits for its last. Milliseconds. */
const groupTime = 10;

interface Waiting {
  work(trx: Transaction<Schema>): Promise<unknown>;
  resolve(value: never): void;
  reject(error: unknown): void;
}

/**
 * Commits what waits for an engine with a single writer in groups: flushing to the disk is by far the slowest part of a small transaction,
 * and so many of them share one. Each piece of work has its own savepoint: it fails alone. Its promise resolves when the group is on the disk.
 */
export function createGroupCommit(db: Kysely<Schema>): Transact {
  const queue: Waiting[] = [];
  let running = false;

  /** Runs one piece of work. @returns what to do once it is committed. */
  async function runOne(
    trx: Transaction<Schema>,
    { work, resolve, reject }: Waiting,
  ): Promise<Pick<Waiting, "reject"> & { done(): void }> {
    await sql`savepoint work`.execute(trx);
    try {
      const value = await work(trx);
      await sql`release work`.execute(trx);
      return { done: () => resolve(value as never), reject };
    } catch (error) {
      await sql`rollback to work`.execute(trx);
      await sql`release work`.execute(trx);
      return { done: () => reject(error), reject };
    }
  }

  async function runGroup(): Promise<void> {
    const members: Awaited<ReturnType<typeof runOne>>[] = [];
    try {
      const trx = await db.startTransaction().execute();
      try {
        const end = performance.now() + groupTime;
        do {
          while (queue.length > 0 && performance.now() < end) members.push(await runOne(trx, queue.shift()!));
          // A flush blocks this thread: what has arrived meanwhile is read now, and comes along.
          await setImmediate();
        } while (queue.length > 0 && performance.now() < end);
        await trx.commit().execute();
      } catch (error) {
        await trx.rollback().execute();
        throw error;
      }
      for (const { done } of members) done();
    } catch (error) {
      // Without a beginning, the first in the queue learns why; without an end, all that took part.
      const failed = members.length > 0 ? members : queue.splice(0, 1);
      for (const { reject } of failed) reject(error);
    }
  }

  async function runAll(): Promise<void> {
    running = true;
    while (queue.length > 0) await runGroup();
    running = false;
  }

  return (work) =>
    new Promise((resolve, reject) => {
      queue.push({ work, resolve, reject });
      if (!running) void runAll();
    });
}
