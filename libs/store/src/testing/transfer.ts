import { describe, expect, it } from "vitest";
import { StoreConflict } from "../store.ts";
import { exportStudy, parseStudy } from "../transfer/json.ts";
import { renameRecord } from "../transfer/study-record.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** A study goes out and comes back exactly. */
export function describeTransfer(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";
  const two = "projects/other/studies/two";

  const exported = async (name: string) => (await exportStudy(fixture.store, name))!.join("");

  async function restore(text: string): Promise<void> {
    await fixture.store.transaction((tx) => tx.restoreStudy(parseStudy(text)));
  }

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
      const text = await exported(one);
      await fixture.store.transaction((tx) => tx.deleteStudy(one));
      fixture.now = 9_000;
      await restore(text);
      expect(await exported(one)).toBe(text);
      // It goes on where it was.
      const [next] = await fixture.store.transaction((tx) => tx.insertTrials(one, [fixtures.trial()]));
      expect(next).toMatchObject({ number: 153, createdAt: 9_000 });
      expect((await fixture.store.getStudy(one))!.counts).toMatchObject({ completed: 1, running: 1, suggested: 151 });
    });

    it("make a copy under another name, with leases of its own", async () => {
      await fill();
      const record = parseStudy(await exported(one));
      await fixture.store.transaction((tx) => tx.restoreStudy(renameRecord(record, two, "other")));
      const copy = parseStudy(await exported(two));
      expect(copy.study).toEqual({ ...record.study, name: two, project: "other" });
      expect(copy.attempts.map(({ leaseId }) => leaseId)).not.toContain("lease-2");
      expect(copy.trials[1]!.lease!.id).toBe(copy.attempts[1]!.leaseId);
      expect(copy.events).toEqual(record.events.map((event) => ({ ...event, study: two })));
    });

    it("are refused if the study exists, and import nothing by halves", async () => {
      await fill();
      const text = await exported(one);
      await expect(restore(text)).rejects.toBeInstanceOf(StoreConflict);
      // The leases of the first study have the same ids.
      await expect(restore(text.replaceAll(one, two))).rejects.toBeInstanceOf(StoreConflict);
      expect(await fixture.store.getStudy(two)).toBeUndefined();
      expect(await fixture.store.listTrials(two)).toEqual([]);
    });

    it("say what is wrong with a text that is not an exported study", async () => {
      await fill();
      const record = JSON.parse(await exported(one));
      const change = (part: object) => () => parseStudy(JSON.stringify({ ...record, ...part }));
      const first = (part: object) => change({ trials: [{ ...record.trials[0], ...part }, ...record.trials.slice(1)] });
      expect(() => parseStudy("{")).toThrow("not JSON");
      expect(() => parseStudy("null")).toThrow("format");
      expect(change({ version: 99 })).toThrow("version 99");
      expect(change({ trials: undefined })).toThrow("trials");
      expect(change({ events: [{ ...record.events[0], study: "other" }] })).toThrow("another study");
      expect(change({ trials: [] })).toThrow("not numbered");
      expect(first({ state: "lost" })).toThrow("trials[0].state");
      expect(first({ reason: "\0" })).toThrow("trials[0].reason: must not contain NUL");
      expect(first({ state: "failed", measurement: null })).toThrow("counts");
      expect(first({ measurement: null })).toThrow("trial 1 is completed and lacks a measurement");
      expect(change({ attempts: [] })).toThrow("the lease of trial 2 has no attempt");
      expect(await exportStudy(fixture.store, "no")).toBeUndefined();
    });
  });
}
