import { describe, expect, it } from "vitest";
import { noCost } from "../cost.ts";
import { noTrials } from "../study.ts";
import type { Trial } from "../trial.ts";
import type { StoreFixture } from "./contract.ts";
import { fixtures } from "./fixtures.ts";

/** Everything written is read back as it was, in the promised order. */
export function describeReads(fixture: StoreFixture): void {
  const one = "projects/default/studies/one";

  async function withStudy(trials = 0): Promise<void> {
    await fixture.store.transaction(async (tx) => {
      await tx.insertStudy(fixtures.study());
      await tx.insertTrials(
        one,
        Array.from({ length: trials }, () => fixtures.trial()),
      );
    });
  }

  describe("studies", () => {
    it("returns what was inserted, with counters at their start", async () => {
      await withStudy();
      expect(await fixture.store.getStudy(one)).toEqual({
        ...fixtures.study(),
        state: "active",
        reason: "",
        spaceVersion: 1,
        version: 1,
        trialCount: 0,
        counts: noTrials,
        lastEvent: 0,
        cost: noCost,
        bestTrial: null,
        createdAt: 1_000,
        updatedAt: 1_000,
        endsAt: null,
      });
      expect(await fixture.store.getStudy("projects/default/studies/other")).toBeUndefined();
    });

    it("counts the version up when the owner's fields change, not when costs do", async () => {
      await withStudy();
      fixture.now = 2_000;
      await fixture.store.transaction((tx) => tx.updateStudy(one, { cost: fixtures.cost(3), bestTrial: 4 }));
      const spent = await fixture.store.getStudy(one);
      expect(spent).toMatchObject({ version: 1, cost: fixtures.cost(3), bestTrial: 4, updatedAt: 2_000 });
      await fixture.store.transaction((tx) => tx.updateStudy(one, { state: "paused", reason: "by its owner" }));
      expect(await fixture.store.getStudy(one)).toMatchObject({ version: 2, state: "paused", reason: "by its owner" });
    });

    it("pages through a project's studies, newest first", async () => {
      for (const name of ["a", "b", "c", "d"]) {
        // b and c are equally old: the name decides.
        if (name !== "c") fixture.now += 10;
        await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study({ name })));
      }
      await fixture.store.transaction((tx) => tx.insertStudy(fixtures.study({ name: "z", project: "other" })));
      const first = await fixture.store.listStudies({ project: "default", limit: 2 });
      expect(first.map((study) => study.name)).toEqual(["d", "b"]);
      const second = await fixture.store.listStudies({ project: "default", limit: 5, after: first[1]! });
      expect(second.map((study) => study.name)).toEqual(["c", "a"]);
      expect(await fixture.store.listStudies()).toHaveLength(5);
      const some = await fixture.store.listStudies({ project: ["other", "default"], limit: 2 });
      expect(some.map((study) => study.name)).toEqual(["d", "z"]);
      expect(await fixture.store.listStudies({ project: ["other", "nobody"] })).toHaveLength(1);
      expect(await fixture.store.listStudies({ project: [] })).toEqual([]);
      expect(await fixture.store.countStudies("default")).toBe(4);
      expect(await fixture.store.countStudies("nobody")).toBe(0);
      expect(await fixture.store.listStudies({ states: ["paused"] })).toEqual([]);
    });
  });

  describe("trials", () => {
    it("numbers trials from 1 and keeps every field", async () => {
      await withStudy(1);
      const full: Omit<Trial, "study" | "number" | "createdAt"> = {
        ...fixtures.trial(),
        state: "running",
        leases: 3,
        attempts: 2,
        attempt: 3,
        lease: { id: "lease-9", worker: "worker-9", grantedAt: 1_100, expiresAt: 1_200 },
        worker: "worker-9",
        measurement: { value: 1 / 3, metrics: { accuracy: 0.7 }, cost: fixtures.cost(2.5) },
        cost: fixtures.cost(7.25),
        stoppedEarly: true,
        reason: "told to stop",
        labels: { owner: "me" },
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        startedAt: 1_100,
        finishedAt: 1_150,
      };
      await fixture.store.transaction((tx) => tx.insertTrials(one, [full]));
      expect(await fixture.store.getTrial(one, 2)).toEqual({ ...full, study: one, number: 2, createdAt: 1_000 });
      expect(await fixture.store.getTrial(one, 1)).toMatchObject({
        state: "suggested",
        lease: null,
        measurement: null,
      });
      expect(await fixture.store.getTrial(one, 3)).toBeUndefined();
      expect(await fixture.store.getStudy(one)).toMatchObject({ trialCount: 2 });
    });

    it("inserts a thousand at once", async () => {
      await withStudy(1_000);
      const study = await fixture.store.getStudy(one);
      expect(study).toMatchObject({ trialCount: 1_000, counts: { suggested: 1_000, completed: 0 } });
      const last = await fixture.store.listTrials(one, { after: 998 });
      expect(last.map((trial) => trial.number)).toEqual([999, 1_000]);
    });

    it("counts by state, and among the completed those without a lease", async () => {
      await withStudy(4);
      await fixture.store.transaction(async (tx) => {
        await tx.updateTrial(one, 1, { state: "completed" });
        await tx.updateTrial(one, 2, { state: "completed", leases: 2 });
        await tx.updateTrial(one, 3, { state: "completed", leases: 1 });
      });
      const study = await fixture.store.getStudy(one);
      expect(study!.counts).toEqual({
        suggested: 1,
        leased: 0,
        running: 0,
        completed: 3,
        failed: 0,
        infeasible: 0,
        abandoned: 0,
        imported: 1,
      });
    });

    it("lists by number, filtered by state, in pages", async () => {
      await withStudy(5);
      await fixture.store.transaction(async (tx) => {
        for (const number of [1, 3, 5]) await tx.updateTrial(one, number, { state: "completed" });
      });
      const numbers = async (page: Parameters<typeof fixture.store.listTrials>[1]) =>
        (await fixture.store.listTrials(one, page)).map((trial) => trial.number);
      expect(await numbers({})).toEqual([1, 2, 3, 4, 5]);
      expect(await numbers({ states: ["completed"], limit: 2 })).toEqual([1, 3]);
      expect(await numbers({ states: ["completed"], after: 3 })).toEqual([5]);
      expect(await numbers({ states: ["suggested", "leased"] })).toEqual([2, 4]);
      expect(await numbers({ states: [] })).toEqual([]);
    });

    it("finds the leases that have ended, of all studies", async () => {
      await withStudy(3);
      const two = "projects/default/studies/two";
      const lease = (id: string, expiresAt: number) => ({
        lease: { id, worker: "w", grantedAt: 0, expiresAt },
        worker: "w",
      });
      await fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study({ name: two }));
        await tx.insertTrials(two, [fixtures.trial({ state: "leased", ...lease("a", 40) })]);
        await tx.updateTrial(one, 1, { state: "leased", ...lease("b", 50) });
        await tx.updateTrial(one, 2, { state: "running", ...lease("c", 51) });
      });
      expect(await fixture.store.nextExpiry()).toBe(40);
      const expired = await fixture.store.listExpired(50, 10);
      expect(expired.map((trial) => trial.lease?.id)).toEqual(["a", "b"]);
      expect(await fixture.store.listExpired(50, 1)).toHaveLength(1);
      await fixture.store.transaction(async (tx) => {
        await tx.updateTrial(two, 1, { state: "suggested", lease: null });
        for (const number of [1, 2]) await tx.updateTrial(one, number, { state: "suggested", lease: null });
      });
      expect(await fixture.store.nextExpiry()).toBeUndefined();
      expect(await fixture.store.getTrial(one, 1)).toMatchObject({ lease: null, worker: "w" });
    });
  });

  describe("attempts, learning curves, events and responses", () => {
    it("finds an attempt by its lease and lists a trial's by number", async () => {
      await withStudy(2);
      const second = fixtures.attempt({ number: 2, leaseId: "lease-2" });
      await fixture.store.transaction(async (tx) => {
        await tx.insertAttempt(fixtures.attempt());
        await tx.insertAttempt(second);
        await tx.insertAttempt(fixtures.attempt({ trial: 2, leaseId: "lease-3" }));
        const measurement = { value: 0.25, metrics: {}, cost: fixtures.cost(1) };
        await tx.updateAttempt("lease-1", { outcome: "completed", measurement, late: true, endedAt: 9 });
      });
      expect(await fixture.store.findAttempt("lease-2")).toEqual(second);
      expect(await fixture.store.findAttempt("lease-4")).toBeUndefined();
      const attempts = await fixture.store.listAttempts(one, 1);
      expect(attempts.map((attempt) => attempt.number)).toEqual([1, 2]);
      expect(attempts[0]).toMatchObject({ outcome: "completed", late: true, endedAt: 9, measurement: { value: 0.25 } });
      expect(await fixture.store.listAttempts(one)).toHaveLength(3);
      expect(await fixture.store.listAttempts(one, { first: 1, last: 1 })).toEqual(attempts);
    });

    it("keeps one point of a learning curve for each step: the last", async () => {
      await withStudy(2);
      const points = [20, 10, 20].map((step, i) => fixtures.progress({ step, metrics: { error: i } }));
      const others = [fixtures.progress({ attempt: 2 }), fixtures.progress({ trial: 2 })];
      await fixture.store.transaction((tx) => tx.saveProgress([...others, ...points]));
      expect(await fixture.store.listProgress(one, 1)).toEqual([points[1], points[2], others[0]]);
      expect(await fixture.store.listProgress(one)).toHaveLength(4);
    });

    it("numbers a study's events without gaps", async () => {
      await withStudy();
      const event = { kind: "trial-leased", trial: 1, message: "by worker-1" };
      await fixture.store.transaction(async (tx) => {
        await tx.appendEvents(one, [event, { kind: "study-updated", trial: null, message: "" }]);
        await tx.appendEvents(one, [event]);
        await tx.appendEvents(one, []);
      });
      const events = await fixture.store.listEvents(one, { after: 1, limit: 5 });
      expect(events.map(({ sequence, kind, trial }) => [sequence, kind, trial])).toEqual([
        [2, "study-updated", null],
        [3, "trial-leased", 1],
      ]);
      expect(events[0]!.time).toBe(1_000);
      expect(await fixture.store.getStudy(one)).toMatchObject({ lastEvent: 3 });
    });

    it("keeps a response's bytes, and forgets it after its time", async () => {
      const body = Uint8Array.from([0, 1, 127, 128, 255, 39, 92]);
      const response = { key: "request-1", method: "CompleteTrial", fingerprint: "f", body };
      await fixture.store.transaction((tx) => tx.saveResponse(response));
      const found = await fixture.store.findResponse("request-1");
      expect({ ...found, body: Uint8Array.from(found!.body) }).toEqual({ ...response, createdAt: 1_000 });
      expect(await fixture.store.pruneResponses(1_000)).toBe(0);
      expect(await fixture.store.pruneResponses(1_001)).toBe(1);
      expect(await fixture.store.findResponse("request-1")).toBeUndefined();
    });

    it("removes everything of a study, and of that study only", async () => {
      await withStudy(1);
      const two = "projects/default/studies/two";
      await fixture.store.transaction(async (tx) => {
        await tx.insertStudy(fixtures.study({ name: two }));
        await tx.insertTrials(two, [fixtures.trial()]);
        await tx.insertAttempt(fixtures.attempt());
        await tx.saveProgress([fixtures.progress()]);
        await tx.appendEvents(one, [{ kind: "study-created", trial: null, message: "" }]);
        expect(await tx.deleteStudy(one)).toBe(true);
        expect(await tx.deleteStudy(one)).toBe(false);
      });
      const { store } = fixture;
      expect(await store.getStudy(one)).toBeUndefined();
      const rest = [store.listTrials(one), store.listAttempts(one), store.listProgress(one), store.listEvents(one)];
      expect((await Promise.all(rest)).flat()).toEqual([]);
      expect(await store.listTrials(two)).toHaveLength(1);
    });
  });
}
