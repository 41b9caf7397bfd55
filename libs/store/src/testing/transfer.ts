import { describe, expect, it } from "vitest";
import { StoreConflict } from "../store.ts";
import { exportStudy, importStudy } from "../transfer/json.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** A study goes out and comes back exactly. */
export function describeTransfer(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";

  async function fill(): Promise<void> {
    await fixture.store.transaction(async (tx) => {
      await tx.insertStudy(fixtures.study());
      const measurement = { value: 0.1 + 0.2, metrics: { accuracy: 1 / 3 }, cost: fixtures.cost(2.5) };
      const lease = { id: "lease-2", worker: "worker-2", grantedAt: 5, expiresAt: 50 };
      await tx.insertTrials(one, [
        fixtures.trial({ state: "completed", measurement, leases: 1, labels: { why: "ü" } }),
        fixtures.trial({ state: "running", lease, worker: "worker-2", leases: 1 }),
        ...Array.from({ length: 150 }, () => fixtures.trial()),
      ]);
      await tx.insertAttempt(fixtures.attempt({ measurement, outcome: "completed" }));
      await tx.insertAttempt(fixtures.attempt({ trial: 2, leaseId: "lease-2", worker: "worker-2" }));
      await tx.saveProgress([fixtures.progress(), fixtures.progress({ step: 20 })]);
      await tx.appendEvents(one, [{ kind: "trial-leased", trial: 1, message: "to worker-1" }]);
      await tx.updateStudy(one, { cost: fixtures.cost(2.5), bestTrial: 1, state: "paused" });
    });
  }

  describe("export and import", () => {
    it("give back the same study, down to the last byte", async () => {
      await fill();
      const text = await exportStudy(fixture.store, one);
      await fixture.store.transaction((tx) => tx.deleteStudy(one));
      fixture.now = 9_000;
      expect(await importStudy(fixture.store, text)).toBe(one);
      expect(await exportStudy(fixture.store, one)).toBe(text);
      // It goes on where it was.
      const [next] = await fixture.store.transaction((tx) => tx.insertTrials(one, [fixtures.trial()]));
      expect(next).toMatchObject({ number: 153, createdAt: 9_000 });
      expect((await fixture.store.getStudy(one))!.counts).toMatchObject({ completed: 1, running: 1, suggested: 151 });
    });

    it("are refused if the study exists, and import nothing by halves", async () => {
      await fill();
      const text = await exportStudy(fixture.store, one);
      await expect(importStudy(fixture.store, text)).rejects.toBeInstanceOf(StoreConflict);
      const { attempts, ...rest } = JSON.parse(text);
      const renamed = JSON.stringify({ ...rest, attempts }).replaceAll("studies/one", "studies/two");
      // The leases of the first study have the same ids.
      await expect(importStudy(fixture.store, renamed)).rejects.toBeInstanceOf(StoreConflict);
      expect(await fixture.store.getStudy("projects/default/studies/two")).toBeUndefined();
      expect(await fixture.store.listTrials("projects/default/studies/two")).toEqual([]);
    });

    it("say what is wrong with a text that is not an exported study", async () => {
      await fill();
      const text = await exportStudy(fixture.store, one);
      const change = (part: object) => importStudy(fixture.store, JSON.stringify({ ...JSON.parse(text), ...part }));
      await expect(importStudy(fixture.store, "{")).rejects.toThrow("not JSON");
      await expect(importStudy(fixture.store, "null")).rejects.toThrow("format");
      await expect(change({ version: 99 })).rejects.toThrow("version 99");
      await expect(change({ trials: undefined })).rejects.toThrow("trials is missing");
      await expect(change({ events: [{ study: "other" }] })).rejects.toThrow("another study");
      await expect(change({ trials: [] })).rejects.toThrow("not numbered");
      await expect(exportStudy(fixture.store, "no")).rejects.toThrow("there is no study no");
    });
  });
}
