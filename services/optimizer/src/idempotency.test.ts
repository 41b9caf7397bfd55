import { optimizer, spaceToProto } from "@superbatch/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createTestStudy,
  leaseOne,
  result,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

/** Sends the same call several times at once, and once more after a restart. */
async function repeatedly<Response>(send: () => Promise<Response>): Promise<Response[]> {
  const responses = await Promise.all([send(), send(), send(), send()]);
  await test.restart();
  return [...responses, await send()];
}

describe("a call that is repeated with its request id has one effect and equal answers", () => {
  const spec = { space: spaceToProto(testSpace), objective: { metric: "error" } };
  const name = (study: string, trial: number) => `${study}/trials/${trial}`;

  it("CreateStudy, also if the service chooses id and seed", async () => {
    const answers = await repeatedly(() => test.client.createStudy({ study: { spec }, requestId: "create" }));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await test.client.listStudies({})).studies).toHaveLength(1);
  });

  it("LeaseTrials", async () => {
    const study = await createTestStudy(test.client);
    const request = { study, worker: "worker", count: 2, waitSeconds: 10, requestId: "lease" };
    const answers = await repeatedly(() => test.client.leaseTrials(request));
    expect(answers[0]!.leases.length).toBeGreaterThan(0);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect((await test.client.listTrials({ study })).trials).toHaveLength(answers[0]!.leases.length);
  });

  it("ReportProgress", async () => {
    const study = await createTestStudy(test.client);
    const { trial, leaseId } = await leaseOne(test.client, study);
    const points = [{ step: 1, metrics: { error: 0.5 }, cost: { total: 1, data: 1 } }];
    const request = { trial: trial!.name, leaseId, points, requestId: "report" };
    const answers = await repeatedly(() => test.client.reportProgress(request));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    const events = await test.store.listEvents(study);
    expect(events.filter(({ kind }) => kind === "trial-progress")).toHaveLength(1);
  });

  it("CompleteTrial", async () => {
    const study = await createTestStudy(test.client);
    const { trial, leaseId } = await leaseOne(test.client, study);
    const request = { trial: trial!.name, leaseId, measurement: result(0.5, 3), requestId: "complete" };
    const answers = await repeatedly(() => test.client.completeTrial(request));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ duplicate: false, late: false });
    expect((await test.client.getStudy({ name: study })).study!.progress!.cost).toMatchObject({ total: 3 });
  });

  it("FailTrial", async () => {
    const study = await createTestStudy(test.client);
    const { trial, leaseId } = await leaseOne(test.client, study);
    const kind = optimizer.FailureKind.FAILED;
    const request = { trial: trial!.name, leaseId, kind, reason: "broken", requestId: "fail" };
    const answers = await repeatedly(() => test.client.failTrial(request));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ retry: true, trial: { attempts: 1 } });
  });

  it("AddTrials", async () => {
    const study = await createTestStudy(test.client);
    const { trial } = await leaseOne(test.client, study);
    const trials = [{ parameters: trial!.parameters }, { parameters: trial!.parameters, measurement: result(0.1) }];
    const answers = await repeatedly(() => test.client.addTrials({ study, trials, requestId: "add" }));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]!.trials.map(({ name }) => name)).toEqual([name(study, 2), name(study, 3)]);
  });

  it("UpdateStudy and DeleteStudy", async () => {
    const study = await createTestStudy(test.client);
    const pause = { name: study, state: optimizer.StudyState.PAUSED, requestId: "pause" };
    const answers = await repeatedly(() => test.client.updateStudy(pause));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    await repeatedly(() => test.client.deleteStudy({ name: study, requestId: "delete" }));
    await expect(test.client.deleteStudy({ name: study })).rejects.toMatchObject({ code: 5 });
  });
});

describe("a request id", () => {
  it("is refused for another call, before and after the first has ended", async () => {
    const study = await createTestStudy(test.client);
    const lease = (worker: string) =>
      test.client.leaseTrials({ study, worker, waitSeconds: 10, requestId: "once" }).catch((error: unknown) => error);
    const both = await Promise.all([lease("worker-1"), lease("worker-2"), lease("worker-1")]);
    expect(both[2]).toEqual(both[0]);
    for (const refused of [both[1], await lease("worker-3")])
      expect(refused).toMatchObject({ code: 3, details: expect.stringContaining("request_id") });
  });

  it("of a call that failed may be used again", async () => {
    const study = await createTestStudy(test.client);
    const { trial, leaseId } = await leaseOne(test.client, study);
    const send = (id: string) =>
      test.client.completeTrial({ trial: trial!.name, leaseId: id, measurement: result(1), requestId: "again" });
    await expect(send("no such lease")).rejects.toMatchObject({ code: 3 });
    expect(await send(leaseId)).toMatchObject({ duplicate: false });
  });

  it("of an empty lease is asked again, not answered from memory", async () => {
    const study = await createTestStudy(test.client, { budget: { maxTrials: 1 } });
    const { trial, leaseId } = await leaseOne(test.client, study);
    const ask = () => test.client.leaseTrials({ study, worker: "worker-2", requestId: "poll" });
    expect((await ask()).leases).toEqual([]);
    const kind = optimizer.FailureKind.RETURNED;
    await test.client.failTrial({ trial: trial!.name, leaseId, kind, reason: "shutting down" });
    expect((await ask()).leases).toHaveLength(1);
  });
});
