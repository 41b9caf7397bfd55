import { optimizer } from "@superbatch/contracts";
import { reasonOf } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const { AttemptOutcome, FailureKind } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

describe("the attempts of a trial", () => {
  it("say who held each lease and what became of it, for one trial and in lists", async () => {
    const study = await createTestStudy(test.client);
    const lost = await leaseOne(test.client, study, "worker-1");
    const { trial, leaseId } = lost;
    const returned = { trial: trial!.name, leaseId, kind: FailureKind.RETURNED, reason: "the node drains" };
    await test.client.failTrial(returned);
    await complete(test.client, await leaseOne(test.client, study, "worker-2"), 0.25, 3);
    const shown = (await test.client.getTrial({ name: trial!.name })).trial!;
    expect(shown.attemptHistory).toMatchObject([
      { number: 1, worker: "worker-1", outcome: AttemptOutcome.RETURNED, reason: "the node drains" },
      { number: 2, worker: "worker-2", outcome: AttemptOutcome.COMPLETED, cost: { total: 3 } },
    ]);
    expect(shown.attemptHistory[0]!.endTime).toBeInstanceOf(Date);
    await leaseOne(test.client, study, "worker-3");
    const { trials } = await test.client.listTrials({ study, includeAttempts: true });
    expect(trials.map(({ attemptHistory }) => attemptHistory.length)).toEqual([2, 1]);
    expect(trials[1]!.attemptHistory[0]).toMatchObject({ outcome: AttemptOutcome.OPEN, endTime: undefined });
    expect((await test.client.listTrials({ study })).trials[0]!.attemptHistory).toEqual([]);
  });
});

describe("labels of a trial", () => {
  it("are set and taken away in any state, once for each request", async () => {
    const study = await createTestStudy(test.client);
    const lease = await leaseOne(test.client, study);
    await complete(test.client, lease);
    const { name } = lease.trial!;
    await test.client.updateTrial({ name, labels: { mark: "odd", by: "me" } });
    const request = { name, labels: { mark: "", note: "look again" }, requestId: "one" };
    const first = await test.client.updateTrial(request);
    expect(first.trial!.labels).toEqual({ by: "me", note: "look again" });
    expect(await test.client.updateTrial(request)).toEqual(first);
    const events = await test.store.listEvents(study);
    expect(events.filter(({ kind }) => kind === "trial-updated")).toHaveLength(2);
  });

  it("need a trial that there is, and labels that labels can be", async () => {
    const study = await createTestStudy(test.client);
    const name = `${study}/trials/9`;
    expect(await reasonOfRefusal(test.client.updateTrial({ name, labels: { mark: "odd" } }))).toBe("TRIAL_NOT_FOUND");
    await expect(test.client.updateTrial({ name, labels: { "": "odd" } })).rejects.toMatchObject({ code: 3 });
  });
});

async function reasonOfRefusal(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => reasonOf(error),
  );
}
