import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock, Store } from "../store.ts";
import { describeBackup } from "./backup.ts";
import { describeDurability } from "./durability.ts";
import { describeReads } from "./reads.ts";
import { describeSuggestions } from "./suggestions.ts";
import { describeTransactions } from "./transactions.ts";
import { describeTransfer } from "./transfer.ts";

/** One empty database of the engine under test. */
export interface StoreHarness {
  /** For {@link openStore}, also from another process. */
  readonly url: string;
  /** Opens the database, also while it is open already: as another process would. */
  open(clock?: Clock): Promise<Store>;
  /** Removes the database. All stores are closed. */
  dispose(): Promise<void>;
}

/** What the parts of the suite work with. */
export interface StoreFixture {
  harness: StoreHarness;
  store: Store;
  /** The store's time, in milliseconds. */
  now: number;
}

/**
 * Declares the tests that every engine must pass, with vitest. Each test gets a new database.
 *
 * @param create - makes an empty database.
 */
export function describeStore(name: string, create: () => Promise<StoreHarness>): void {
  describe(name, () => {
    const fixture = {} as StoreFixture;

    beforeEach(async () => {
      fixture.now = 1_000;
      fixture.harness = await create();
      fixture.store = await fixture.harness.open(() => fixture.now);
    });

    afterEach(async () => {
      await fixture.store.close();
      await fixture.harness.dispose();
    });

    it("answers a ping until it is closed, and closes twice", async () => {
      await fixture.store.ping();
      await Promise.all([fixture.store.close(), fixture.store.close()]);
      await expect(fixture.store.ping()).rejects.toThrow();
      await expect(fixture.store.transaction(async () => undefined)).rejects.toThrow("closed");
    });

    describeReads(fixture);
    describeTransactions(fixture);
    describeSuggestions(fixture);
    describeTransfer(fixture);
    describeBackup(fixture);
    describeDurability(fixture);
  });
}
