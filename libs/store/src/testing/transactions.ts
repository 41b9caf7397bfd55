import { describe, expect, it } from "vitest";
import { StoreConflict } from "../store.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** All or nothing, one writer of a study at a time, unique keys, and waiting for events. */
export function describeTransactions(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  describe("transactions", () => {
    it("leave no trace if their work rejects", async () => {
      const work = fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study());
        await tx.insertTrials(one, [fixtures.trial()]);
        await tx.saveResponse({ key: "k", method: "m", fingerprint: "f", body: new Uint8Array() });
        throw new RangeError("no");
      });
      await expect(work).rejects.toThrow(new RangeError("no"));
      expect(await fixture.store.getStudy(one)).toBeUndefined();
      expect(await fixture.store.listTrials(one)).toEqual([]);
      expect(await fixture.store.findResponse("k")).toBeUndefined();
    });

    it("see their own writes, and nobody else does before they end", async () => {
      const other = await fixture.harness.open();
      try {
        await fixture.store.transaction(async (tx) => {
          await tx.insertStudy(fixtures.study());
          expect(await tx.getStudy(one)).toMatchObject({ name: one });
          expect(await other.getStudy(one)).toBeUndefined();
        });
        expect(await other.getStudy(one)).toMatchObject({ name: one });
      } finally {
        await other.close();
      }
    });

    it("run one after the other on one study, whichever store they come from", async () => {
      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study()));
      const other = await fixture.harness.open();
      try {
        const add = (store: typeof other) =>
          store.transaction(async (tx) => {
            const study = await tx.lockStudy(one);
            await pause(1);
            await tx.insertTrials(one, [fixtures.trial()]);
            await tx.updateStudy(one, { cost: fixtures.cost(study!.cost.total + 1) });
            await tx.appendEvents(one, [{ kind: "trial-suggested", trial: study!.trialCount + 1, message: "" }]);
          });
        await Promise.all(Array.from({ length: 20 }, (_, i) => add(i % 2 === 0 ? fixture.store : other)));
        expect(await fixture.store.getStudy(one)).toMatchObject({
          trialCount: 20,
          lastEvent: 20,
          cost: { total: 20 },
        });
        const events = await other.listEvents(one);
        expect(events.map((event) => event.trial)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      } finally {
        await other.close();
      }
    });

    it("have a time that is not before that of the writers that they waited for", async () => {
      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study()));
      const locked = Promise.withResolvers<void>();
      const first = fixture.store.transaction(async (tx) => {
        await tx.lockStudy(one);
        locked.resolve();
        await pause(50);
        fixture.now = 5_000;
      });
      await locked.promise;
      const second = fixture.store.transaction(async (tx) => {
        await tx.lockStudy(one);
        await tx.appendEvents(one, [{ kind: "study-updated", trial: null, message: "" }]);
        return tx.now;
      });
      await first;
      expect(await second).toBe(5_000);
      expect((await fixture.store.listEvents(one))[0]).toMatchObject({ time: 5_000 });
    });

    it("conflict when a unique key is taken, and what is unknown cannot be changed", async () => {
      const { store } = fixture;
      const response = { key: "k", method: "m", fingerprint: "f", body: new Uint8Array() };
      await store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study());
        await tx.insertAttempt(fixtures.attempt());
        await tx.saveResponse(response);
      });
      const conflicts = [
        store.transaction((tx) => tx.insertStudy(fixtures.study())),
        store.transaction((tx) => tx.saveResponse(response)),
        store.transaction((tx) => tx.insertAttempt(fixtures.attempt({ number: 2 }))),
        store.transaction((tx) => tx.insertAttempt(fixtures.attempt({ leaseId: "lease-2" }))),
        store.transaction((tx) => tx.updateStudy("projects/default/studies/no", { state: "paused" })),
        store.transaction((tx) => tx.updateTrial(one, 9, { state: "completed" })),
        store.transaction((tx) => tx.updateAttempt("no", { outcome: "failed" })),
        store.transaction((tx) => tx.insertTrials("projects/default/studies/no", [fixtures.trial()])),
      ];
      const results = await Promise.allSettled(conflicts);
      expect(results.map((result) => result.status === "rejected" && result.reason instanceof StoreConflict)).toEqual(
        results.map(() => true),
      );
      expect(await store.listAttempts(one)).toEqual([fixtures.attempt()]);
    });

    it("give one winner among concurrent writers of one key", async () => {
      const other = await fixture.harness.open();
      try {
        const results = await Promise.allSettled(
          Array.from({ length: 10 }, (_, i) =>
            (i % 2 === 0 ? fixture.store : other).transaction((tx) =>
              tx.saveResponse({ key: "k", method: "m", fingerprint: String(i), body: new Uint8Array() }),
            ),
          ),
        );
        expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      } finally {
        await other.close();
      }
    });

    it("finish before the store closes", async () => {
      const work = fixture.store.transaction(async (tx) => {
        await pause(20);
        await tx.insertStudy(fixtures.study());
      });
      await fixture.store.close();
      await work;
      fixture.store = await fixture.harness.open();
      expect(await fixture.store.getStudy(one)).toBeDefined();
    });
  });

  describe("waiting for events", () => {
    const event = { kind: "study-updated", trial: null, message: "" };

    it("resolves at once if there is one, and when one comes, also from another store", async () => {
      await fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study());
        await tx.appendEvents(one, [event]);
      });
      const never = new AbortController().signal;
      await fixture.store.waitForEvents(one, 0, never);
      const other = await fixture.harness.open();
      try {
        const order: string[] = [];
        const waits = [fixture.store, other].map(async (store) => {
          await store.waitForEvents(one, 1, never);
          order.push("woken");
        });
        await pause(20);
        order.push("appended");
        await fixture.store.transaction((tx) => tx.appendEvents(one, [event]));
        await Promise.all(waits);
        expect(order).toEqual(["appended", "woken", "woken"]);
      } finally {
        await other.close();
      }
    });

    it("resolves when the study is deleted, when the signal aborts, and when the store closes", async () => {
      const never = new AbortController().signal;
      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study()));
      const deleted = fixture.store.waitForEvents(one, 0, never);
      await fixture.store.transaction((tx) => tx.deleteStudy(one));
      await deleted;

      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study()));
      const abort = new AbortController();
      const aborted = fixture.store.waitForEvents(one, 0, abort.signal);
      abort.abort();
      await aborted;

      const closed = fixture.store.waitForEvents(one, 0, never);
      await fixture.store.close();
      await closed;
    });
  });
}
