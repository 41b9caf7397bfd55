import { optimizer } from "@superbatch/contracts";
import { createLogger, fieldViolations } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { leaseAnywhere } from "./domain/any-study.ts";
import { expireLeases } from "./domain/expiry.ts";
import { createLeases } from "./domain/leases.ts";
import { defaultLimits } from "./domain/limits.ts";
import {
  complete,
  createTestStudy,
  leaseOne,
  result,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const { Command, FailureKind, StudyState, TrialState } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

/** Lets leases end: turns the clock and waits until the server has seen it. */
async function expire(study: string, seconds: number): Promise<void> {
  test.now += 1000 * seconds;
  for await (const { kind } of test.client.watchStudy({ study, afterSequence: await lastSequence(study) })) {
    if (kind === optimizer.EventKind.LEASE_EXPIRED) return;
  }
}

async function lastSequence(study: string): Promise<number> {
  return (await test.store.getStudy(study))!.lastEvent;
}

describe("a lease", () => {
  it("hands out a trial with its point, trace, seed and terms", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const lease = await leaseOne(test.client, study, "worker-1");
    expect(lease).toMatchObject({ leaseSeconds: 30, metric: "error", expireTime: new Date(test.now + 30_000) });
    expect(lease.seed).toBeGreaterThan(0);
    expect(lease.trial).toMatchObject({ number: 1, state: TrialState.LEASED, attempts: 1, worker: "worker-1" });
    expect(Object.keys(lease.trial!.parameters).sort()).toEqual(["epochs", "layers", "rate"]);
    expect(lease.trial!.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it("is extended by reports, and the trial runs", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const { trial, leaseId } = await leaseOne(test.client, study);
    test.now += 20_000;
    const points = [{ step: 1, metrics: { error: 0.9 }, cost: { total: 2, gradient: 2 } }];
    const answer = await test.client.reportProgress({ trial: trial!.name, leaseId, points });
    expect(answer).toMatchObject({ command: Command.CONTINUE, expireTime: new Date(test.now + 30_000) });
    const { trial: running } = await test.client.getTrial({ name: trial!.name });
    expect(running).toMatchObject({ state: TrialState.RUNNING, cost: { total: 2 }, progress: [{ step: 1 }] });
  });

  it("that expires gives the trial to another worker, with its attempt counted", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const first = await leaseOne(test.client, study, "worker-1");
    await expire(study, 31);
    const second = await leaseOne(test.client, study, "worker-2");
    expect(second.trial).toMatchObject({ number: 1, attempts: 2, worker: "worker-2" });
    expect(second.seed).toBe(first.seed);
    expect(second.trial!.parameters).toEqual(first.trial!.parameters);
    expect(second.trial!.traceparent).toBe(first.trial!.traceparent);
    const { command, reason } = await test.client.reportProgress({ trial: first.trial!.name, leaseId: first.leaseId });
    expect([command, reason]).toEqual([Command.CANCEL, "the lease was lost and the trial went to worker-2"]);
  });

  it("that expired is revived by a late heartbeat if nobody has had the trial since", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const { trial, leaseId } = await leaseOne(test.client, study);
    await expire(study, 31);
    const { command } = await test.client.reportProgress({ trial: trial!.name, leaseId });
    expect(command).toBe(Command.CONTINUE);
    const { late } = await test.client.completeTrial({ trial: trial!.name, leaseId, measurement: result(0.5) });
    expect(late).toBe(false);
  });

  it("that expired in the last attempt is revived too", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30, maxAttempts: 1 } });
    const { trial, leaseId } = await leaseOne(test.client, study);
    await expire(study, 31);
    const { command } = await test.client.reportProgress({ trial: trial!.name, leaseId });
    expect(command).toBe(Command.CONTINUE);
    const { trial: running } = await test.client.getTrial({ name: trial!.name });
    expect(running).toMatchObject({ state: TrialState.RUNNING, reason: "", endTime: undefined });
  });

  it("lasts at least one lease period from the start of the service", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const { trial } = await leaseOne(test.client, study);
    const started = test.now + 60_000;
    await expireLeases(test.store, started, started);
    const { lease } = (await test.store.getTrial(study, trial!.number))!;
    expect(lease).toMatchObject({ expiresAt: started + 30_000 });
    expect(await expireLeases(test.store, started + 30_000, started)).toEqual(new Set([study]));
  });

  it("that expires in the last attempt fails the trial, and a result that comes later still counts", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30, maxAttempts: 1 } });
    const lease = await leaseOne(test.client, study);
    await expire(study, 31);
    const { trial } = await test.client.getTrial({ name: lease.trial!.name });
    expect(trial).toMatchObject({ state: TrialState.FAILED, reason: expect.stringContaining("nothing was heard") });
    const late = await complete(test.client, lease, 0.25);
    expect(late).toMatchObject({ late: true, duplicate: false, trial: { state: TrialState.COMPLETED } });
  });
});

describe("a late result", () => {
  it("completes a trial that another worker holds; that worker is told to stop, and its own result is a duplicate", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const first = await leaseOne(test.client, study, "worker-1");
    await expire(study, 31);
    const second = await leaseOne(test.client, study, "worker-2");
    const late = await complete(test.client, first, 0.1, 3);
    expect(late).toMatchObject({ late: true, duplicate: false, trial: { measurement: { value: 0.1 } } });

    const answer = await test.client.reportProgress({ trial: second.trial!.name, leaseId: second.leaseId });
    expect(answer.command).toBe(Command.CANCEL);
    const duplicate = await complete(test.client, second, 0.9, 4);
    expect(duplicate).toMatchObject({ duplicate: true, trial: { measurement: { value: 0.1 }, cost: { total: 7 } } });
    const { study: after } = await test.client.getStudy({ name: study });
    expect(after!.progress).toMatchObject({ completed: 1, running: 0, cost: { total: 7 } });
  });

  it("ends the attempt of the present holder, whose cost counts whenever it is heard of", async () => {
    const study = await createTestStudy(test.client, { lease: { leaseSeconds: 30 } });
    const first = await leaseOne(test.client, study, "worker-1");
    await expire(study, 31);
    const { leaseId } = await leaseOne(test.client, study, "worker-2");
    await complete(test.client, first, 0.1, 3);
    expect(await test.store.findAttempt(leaseId)).toMatchObject({ outcome: "abandoned", endedAt: test.now });
    const trial = first.trial!.name;
    await test.client.reportProgress({ trial, leaseId, cost: { total: 2 } });
    await test.client.reportProgress({ trial, leaseId, cost: { total: 1 } });
    expect((await test.client.getTrial({ name: trial })).trial!.cost).toMatchObject({ total: 5 });
    const failure = { trial, leaseId, kind: FailureKind.FAILED, reason: "cancelled", cost: { total: 4 } };
    await test.client.failTrial(failure);
    const { study: after } = await test.client.getStudy({ name: study });
    expect(after!.progress!.cost).toMatchObject({ total: 7 });
  });

  it("sent twice costs once", async () => {
    const study = await createTestStudy(test.client);
    const lease = await leaseOne(test.client, study);
    await complete(test.client, lease, 0.1, 3);
    expect(await complete(test.client, lease, 0.1, 3)).toMatchObject({ duplicate: true, late: false });
    const { study: after } = await test.client.getStudy({ name: study });
    expect(after!.progress!.cost).toMatchObject({ total: 3, gradient: 3 });
  });

  it("with a lease of another trial is refused", async () => {
    const study = await createTestStudy(test.client);
    const [one, two] = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    const wrong = test.client.completeTrial({ trial: one.trial!.name, leaseId: two.leaseId, measurement: result(1) });
    await expect(wrong).rejects.toMatchObject({ code: 3, details: expect.stringContaining("lease_id") });
  });
});

describe("a result", () => {
  it("that cannot be one is refused with all that is wrong, and the lease stays", async () => {
    const study = await createTestStudy(test.client, {
      objective: { metric: "error", transform: "OBJECTIVE_TRANSFORM_LOG" },
    });
    const lease = await leaseOne(test.client, study);
    const send = (measurement: Parameters<typeof test.client.completeTrial>[0]["measurement"]) =>
      test.client
        .completeTrial({ trial: lease.trial!.name, leaseId: lease.leaseId, ...(measurement && { measurement }) })
        .catch((error: unknown) => fieldViolations(error).map(({ path }) => path));
    expect(await send(undefined)).toEqual(["measurement"]);
    expect(await send({ value: 1 })).toEqual(["measurement.cost"]);
    expect(await send(result(1, 0))).toEqual(["measurement.cost.total"]);
    expect(await send(result(-1))).toEqual(["measurement.value"]);
    const cost = { total: 1, scoring: -1, gradient: Number.NaN };
    expect(await send({ value: Number.POSITIVE_INFINITY, metrics: { loss: Number.NaN }, cost })).toEqual([
      "measurement.value",
      'measurement.metrics["loss"]',
      "measurement.cost.scoring",
      "measurement.cost.gradient",
    ]);
    expect(await send({ value: 1, cost: { total: 1, gradient: 1, data: 1 } })).toEqual(["measurement.cost.total"]);
    expect(await complete(test.client, lease)).toMatchObject({ late: false, duplicate: false });
  });
});

describe("an attempt without a result", () => {
  const fail = ({ trial, leaseId }: optimizer.TrialLease, kind: optimizer.FailureKind) =>
    test.client.failTrial({ trial: trial!.name, leaseId, kind, reason: "a reason", cost: { total: 2, data: 2 } });

  it("that failed is retried up to the limit, before new suggestions", async () => {
    const study = await createTestStudy(test.client, { lease: { maxAttempts: 2 } });
    const first = await leaseOne(test.client, study);
    expect(await fail(first, FailureKind.FAILED)).toMatchObject({ retry: true, trial: { reason: "a reason" } });
    const second = await leaseOne(test.client, study);
    expect(second.trial).toMatchObject({ number: 1, attempts: 2 });
    expect(await fail(second, FailureKind.FAILED)).toMatchObject({
      retry: false,
      trial: { state: TrialState.FAILED, cost: { total: 4, data: 4 } },
    });
    expect((await leaseOne(test.client, study)).trial!.number).toBe(2);
  });

  it("five times in a row pauses the study with the reason; a result in between does not", async () => {
    const study = await createTestStudy(test.client, { lease: { maxAttempts: 1 } });
    const state = async () => (await test.client.getStudy({ name: study })).study!;
    for (let i = 0; i < 4; i++) await fail(await leaseOne(test.client, study), FailureKind.FAILED);
    await complete(test.client, await leaseOne(test.client, study));
    for (let i = 0; i < 4; i++) await fail(await leaseOne(test.client, study), FailureKind.FAILED);
    expect(await state()).toMatchObject({ state: StudyState.ACTIVE });
    await fail(await leaseOne(test.client, study), FailureKind.FAILED);
    expect(await state()).toMatchObject({
      state: StudyState.PAUSED,
      stateReason: expect.stringMatching(/^5 trials in a row were given up, the last because: a reason/),
    });
  });

  it("that was given back does not count", async () => {
    const study = await createTestStudy(test.client);
    const first = await leaseOne(test.client, study);
    expect(await fail(first, FailureKind.RETURNED)).toMatchObject({ retry: true, trial: { attempts: 0 } });
    expect((await leaseOne(test.client, study)).trial).toMatchObject({ number: 1, attempts: 1 });
  });

  it("cannot be given back by a user if nobody holds the trial", async () => {
    const study = await createTestStudy(test.client);
    const lease = await leaseOne(test.client, study);
    const name = lease.trial!.name;
    const giveBack = () => test.client.failTrial({ trial: name, kind: FailureKind.RETURNED, reason: "a user" });
    expect((await giveBack()).trial).toMatchObject({ state: TrialState.SUGGESTED, attempts: 0 });
    const error = await giveBack().catch((caught: unknown) => caught);
    expect(fieldViolations(error).map(({ path }) => path)).toEqual(["kind"]);
    expect((await test.client.getTrial({ name })).trial!.attempts).toBe(0);
  });

  it("is learned from if infeasible, and forgotten if abandoned", async () => {
    const study = await createTestStudy(test.client);
    const [infeasible, abandoned] = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    await fail(infeasible, FailureKind.INFEASIBLE);
    await test.client.failTrial({ trial: abandoned.trial!.name, kind: FailureKind.ABANDONED, reason: "a mistake" });
    const answer = await test.client.reportProgress({ trial: abandoned.trial!.name, leaseId: abandoned.leaseId });
    expect(answer.command).toBe(Command.CANCEL);
    const again = test.client.failTrial({ trial: abandoned.trial!.name, kind: FailureKind.ABANDONED, reason: "again" });
    await expect(again).rejects.toMatchObject({ code: 9 });
    await leaseOne(test.client, study);
    const request = test.engine.requests.at(-1)!;
    expect(request.infeasible).toHaveLength(1);
    expect(request.pending).toHaveLength(0);
    const { study: after } = await test.client.getStudy({ name: study });
    expect(after!.progress).toMatchObject({ infeasible: 1, abandoned: 1 });
  });
});

describe("waiting for a trial", () => {
  it("ends when a trial comes back", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    const first = await leaseOne(test.client, study);
    const waiting = leaseOne(test.client, study, "worker-2");
    await test.client.failTrial({
      trial: first.trial!.name,
      leaseId: first.leaseId,
      kind: FailureKind.RETURNED,
      reason: "shutting down",
    });
    expect((await waiting).trial).toMatchObject({ number: 1, worker: "worker-2" });
  });

  it("ends empty when the study is completed by another", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    const first = await leaseOne(test.client, study);
    const waiting = test.client.leaseTrials({ study, worker: "worker-2", waitSeconds: 30 });
    await complete(test.client, first);
    expect(await waiting).toMatchObject({ leases: [], studyCompleted: true });
  });

  it("answers empty with a reason, and when to ask again, if there is nothing in time", async () => {
    const study = await createTestStudy(test.client, { lease: { maxParallel: 1 } });
    await leaseOne(test.client, study);
    const empty = await test.client.leaseTrials({ study, worker: "worker-2", waitSeconds: 0.1 });
    expect(empty).toMatchObject({ leases: [], studyCompleted: false, reason: expect.stringContaining("limit") });
    expect(empty.retryAfterSeconds).toBeGreaterThan(0);
  });

  it("ends in time also where each new suggestion is lost to somebody else", async () => {
    const study = await createTestStudy(test.client);
    const { trial } = await leaseOne(test.client, study);
    let computed = 0;
    // While a suggestion is computed the study gets a trial, and the suggestion's place is taken.
    test.engine.delay = async () => {
      if (++computed > 40) return;
      await test.client.addTrials({ study, trials: [{ parameters: trial!.parameters, measurement: result(0.5) }] });
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    const waiting = await test.client.leaseTrials({ study, worker: "worker-2", waitSeconds: 0.6 });
    expect(waiting).toMatchObject({ leases: [], reason: "the next suggestion is being computed" });
    expect(computed).toBeLessThan(20);
  });

  it("ends without an error when the service stops", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    await leaseOne(test.client, study);
    const waiting = test.client.leaseTrials({ study, worker: "worker-2", waitSeconds: 60 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    void test.service.service.stop();
    expect(await waiting).toMatchObject({ leases: [], reason: "the optimizer is stopping" });
  });

  it("of any study passes over one that was deleted meanwhile", async () => {
    const study = await createTestStudy(test.client);
    const gone = { ...(await test.store.getStudy(study))!, name: "projects/default/studies/gone", createdAt: 0 };
    const listStudies: typeof test.store.listStudies = async (page) => [gone, ...(await test.store.listStudies(page))];
    const logger = createLogger({ name: "optimizer", level: "silent" });
    const leases = createLeases({ store: test.store, engine: test.engine, logger, limits: defaultLimits });
    const { signal } = new AbortController();
    const wanted = { study: "projects/default/studies/-", worker: "worker", count: 1, capabilities: {} };
    const wait = { seconds: 10, signal, draining: signal };
    const store = { ...test.store, listStudies };
    const result = await leaseAnywhere(store, leases, "default", wanted, wait, (grant) =>
      test.store.transaction(grant),
    );
    expect(result).toMatchObject({ response: [{ trial: { study } }] });
    await leases.stop();
  });

  it("that ended with a lease is answered again though the study is gone", async () => {
    const study = await createTestStudy(test.client);
    const request = { study, worker: "worker", waitSeconds: 10, requestId: "once" };
    const first = await test.client.leaseTrials(request);
    await test.client.deleteStudy({ name: study });
    expect(await test.client.leaseTrials(request)).toEqual(first);
  });

  it("is not given to a worker that lacks what the study requires", async () => {
    const study = await createTestStudy(test.client, { requirements: { "dataset/cifar10": "true" } });
    const ask = (capabilities: Record<string, string>, name = study) =>
      test.client.leaseTrials({ study: name, worker: "worker", waitSeconds: 1, capabilities });
    expect(await ask({})).toMatchObject({ leases: [], reason: "the study requires dataset/cifar10=true" });
    expect((await ask({ "dataset/cifar10": "true" })).leases).toHaveLength(1);
    const anywhere = "projects/default/studies/-";
    expect((await ask({ "dataset/cifar10": "true" }, anywhere)).leases).toHaveLength(1);
    expect(await ask({}, anywhere)).toMatchObject({ leases: [], reason: expect.stringContaining("no active study") });
  });
});

describe("a paused study", () => {
  it("leases nothing until it is resumed; what runs may finish", async () => {
    const study = await createTestStudy(test.client);
    const running = await leaseOne(test.client, study);
    await test.client.updateStudy({ name: study, state: StudyState.PAUSED });
    const waiting = leaseOne(test.client, study);
    expect(await complete(test.client, running)).toMatchObject({ trial: { state: TrialState.COMPLETED } });
    await test.client.updateStudy({ name: study, state: StudyState.ACTIVE });
    expect((await waiting).trial).toMatchObject({ number: 2 });
  });
});
