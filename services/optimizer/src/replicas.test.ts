import { optimizer } from "@superbatch/contracts";
import { startPostgres } from "@superbatch/store/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  type OptimizerClient,
  result,
  startTestOptimizer,
  type TestOptimizer,
} from "./testing/test-optimizer.ts";

const server = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(!server)("two replicas over one PostgreSQL", () => {
  let replicas: TestOptimizer[];
  beforeEach(async () => {
    const url = await server!.createDatabase();
    replicas = [await startTestOptimizer(url), await startTestOptimizer(url)];
  });
  afterEach(async () => {
    for (const replica of replicas) await replica[Symbol.asyncDispose]();
  });
  const clients = () => replicas.map(({ client }) => client) as [OptimizerClient, OptimizerClient];

  it("answer any call, whichever created the study", async () => {
    const [one, two] = clients();
    const study = await createTestStudy(one);
    const lease = await leaseOne(two, study);
    const report = await one.reportProgress({ trial: lease.trial!.name, leaseId: lease.leaseId });
    expect(report.command).toBe("COMMAND_CONTINUE");
    await complete(one, lease, 0.25);
    expect((await two.getTrial({ name: lease.trial!.name })).trial).toMatchObject({ measurement: { value: 0.25 } });
  });

  it("give a call that is sent to both one effect and equal answers", async () => {
    const [one, two] = clients();
    const study = await createTestStudy(one);
    const ask = (client: OptimizerClient) =>
      client.leaseTrials({ study, worker: "worker", waitSeconds: 10, requestId: "lease" });
    const leases = await Promise.all([ask(one), ask(two), ask(one), ask(two)]);
    for (const answer of leases) expect(answer).toEqual(leases[0]);
    const { trial, leaseId } = leases[0]!.leases[0]!;
    const finish = (client: OptimizerClient) =>
      client.completeTrial({ trial: trial!.name, leaseId, measurement: result(0.5, 2), requestId: "complete" });
    const results = await Promise.all([finish(one), finish(two), finish(two)]);
    for (const answer of results) expect(answer).toEqual(results[0]);
    const { study: after } = await two.getStudy({ name: study });
    expect(after!.progress).toMatchObject({ completed: 1, cost: { total: 2 } });
  });

  it("keep the budget together, and never suggest a point twice", async () => {
    const [one, two] = clients();
    const study = await createTestStudy(one, { budget: { maxTrials: 24 } });
    const work = async (client: OptimizerClient, worker: string) => {
      for (;;) {
        const { leases, studyCompleted } = await client.leaseTrials({ study, worker, waitSeconds: 5 });
        if (studyCompleted) return;
        for (const lease of leases) await complete(client, lease);
      }
    };
    await Promise.all(["a", "b", "c", "d"].map((worker, i) => work(i % 2 === 0 ? one : two, worker)));
    const { trials } = await two.listTrials({ study });
    expect(trials.map(({ state }) => state)).toEqual(Array(24).fill("TRIAL_STATE_COMPLETED"));
    expect(new Set(trials.map(({ parameters }) => parameters.rate!.kind!.value)).size).toBe(24);
  });

  it("keep a budget of cost together: at most one trial ends above it", async () => {
    const [one, two] = clients();
    const maxCost = 20;
    const study = await createTestStudy(one, { budget: { maxCost } });
    let held = 0;
    let most = 0;
    const work = async (client: OptimizerClient, worker: string) => {
      for (let k = 0; ; k++) {
        const { leases, studyCompleted } = await client.leaseTrials({ study, worker, waitSeconds: 5 });
        if (studyCompleted) return;
        for (const lease of leases) {
          most = Math.max(most, ++held);
          await new Promise((resolve) => setTimeout(resolve, 100));
          held--;
          // Costs are 2 on average: with six at work as many as ten trials fit.
          await complete(client, lease, 0.5, 1 + ((k + worker.charCodeAt(0)) % 3));
        }
      }
    };
    await Promise.all(["a", "b", "c", "d", "e", "f"].map((worker, i) => work(i % 2 === 0 ? one : two, worker)));
    const { trials } = await two.listTrials({ study });
    const costs = trials.flatMap(({ measurement }) => (measurement ? [measurement.cost!.total] : []));
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    expect(most).toBeGreaterThan(2);
    expect(total).toBeGreaterThanOrEqual(maxCost);
    // What six held trials were expected to cost was off by at most one each.
    expect(total).toBeLessThanOrEqual(maxCost + 3 + 5);
    expect((await one.getStudy({ name: study })).study!.progress!.cost).toMatchObject({ total });
  });

  it("tell watchers of either what happens at the other", async () => {
    const [one, two] = clients();
    const study = await createTestStudy(one);
    const watching = (async () => {
      for await (const { kind, sequence } of two.watchStudy({ study }))
        if (kind === optimizer.EventKind.TRIAL_COMPLETED) return sequence;
      return 0;
    })();
    await complete(one, await leaseOne(one, study));
    expect(await watching).toBe(4);
  });

  it("go on by themselves after the database has crashed, and lose nothing", async () => {
    const [one, two] = clients();
    const study = await createTestStudy(one);
    const lease = await leaseOne(one, study);
    const patient = replicas[0]!.service.client(optimizer.OptimizerServiceDefinition, { retry: { attempts: 100 } });
    const [{ duplicate }] = await Promise.all([
      patient.completeTrial({
        trial: lease.trial!.name,
        leaseId: lease.leaseId,
        measurement: result(0.5),
        requestId: "through the crash",
      }),
      server!.restart("crash"),
    ]);
    expect(duplicate).toBe(false);
    expect((await two.getStudy({ name: study })).study!.progress).toMatchObject({ completed: 1 });
  });
});
