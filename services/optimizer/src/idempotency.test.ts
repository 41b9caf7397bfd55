import { optimizer, spaceToProto } from "@superbatch/contracts";
import { fieldViolations, reasonOf } from "@superbatch/rpc";
import { startPostgres } from "@superbatch/store/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createTestStudy,
  leaseOne,
  type OptimizerClient,
  result,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

const { ExportFormat, FailureKind, StudyState } = optimizer;

const server = await startPostgres();
afterAll(() => server?.stop());

interface System {
  readonly name: string;
  readonly replicas: number;
  readonly storeUrl?: () => Promise<string>;
}

const systems: System[] = [{ name: "one optimizer over SQLite", replicas: 1 }];
if (server) systems.push({ name: "two replicas over one PostgreSQL", replicas: 2, storeUrl: server.createDatabase });

describe.each(systems)(
  "with $name a call that is repeated with its request id has one effect and equal answers",
  ({ replicas, storeUrl }) => {
    let optimizers: TestOptimizer[];
    beforeEach(async () => {
      const url = await storeUrl?.();
      optimizers = await Promise.all(Array.from({ length: replicas }, () => startTestOptimizer(url)));
    });
    afterEach(async () => {
      for (const each of optimizers) await each[Symbol.asyncDispose]();
    });
    /** The last replica: an effect must show at each. */
    const last = () => optimizers.at(-1)!;

    /** Sends the same call several times at once, to all replicas in turn, and once more to each after they were started anew. @returns the answers, all of them equal. */
    async function repeatedly<Response>(send: (client: OptimizerClient) => Promise<Response>): Promise<Response> {
      const answers = await Promise.all([0, 1, 2, 3].map((i) => send(optimizers[i % replicas]!.client)));
      for (const each of optimizers) {
        await each.restart();
        answers.push(await send(each.client));
      }
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      return answers[0]!;
    }

    const spec = { space: spaceToProto(testSpace), objective: { metric: "error" } };
    const name = (study: string, trial: number) => `${study}/trials/${trial}`;

    it("CreateStudy, also if the service chooses id and seed", async () => {
      await repeatedly((client) => client.createStudy({ study: { spec }, requestId: "create" }));
      expect((await last().client.listStudies({})).studies).toHaveLength(1);
    });

    it("LeaseTrials", async () => {
      const study = await createTestStudy(last().client);
      const request = { study, worker: "worker", count: 2, waitSeconds: 10, requestId: "lease" };
      const { leases } = await repeatedly((client) => client.leaseTrials(request));
      expect(leases.length).toBeGreaterThan(0);
      const { trials } = await last().client.listTrials({ study });
      expect(trials.filter(({ attempts }) => attempts > 0)).toHaveLength(leases.length);
    });

    it("ReportProgress", async () => {
      const study = await createTestStudy(last().client);
      const { trial, leaseId } = await leaseOne(last().client, study);
      const points = [{ step: 1, metrics: { error: 0.5 }, cost: { total: 1, data: 1 } }];
      await repeatedly((client) => client.reportProgress({ trial: trial!.name, leaseId, points, requestId: "report" }));
      const events = await last().store.listEvents(study);
      expect(events.filter(({ kind }) => kind === "trial-progress")).toHaveLength(1);
    });

    it("CompleteTrial", async () => {
      const study = await createTestStudy(last().client);
      const { trial, leaseId } = await leaseOne(last().client, study);
      const request = { trial: trial!.name, leaseId, measurement: result(0.5, 3), requestId: "complete" };
      const answer = await repeatedly((client) => client.completeTrial(request));
      expect(answer).toMatchObject({ duplicate: false, late: false });
      expect((await last().client.getStudy({ name: study })).study!.progress!.cost).toMatchObject({ total: 3 });
    });

    it("FailTrial", async () => {
      const study = await createTestStudy(last().client);
      const { trial, leaseId } = await leaseOne(last().client, study);
      const request = { trial: trial!.name, leaseId, kind: FailureKind.FAILED, reason: "broken", requestId: "fail" };
      const answer = await repeatedly((client) => client.failTrial(request));
      expect(answer).toMatchObject({ retry: true, trial: { attempts: 1 } });
    });

    it("AddTrials", async () => {
      const study = await createTestStudy(last().client);
      const { trial } = await leaseOne(last().client, study);
      const trials = [{ parameters: trial!.parameters }, { parameters: trial!.parameters, measurement: result(0.1) }];
      const answer = await repeatedly((client) => client.addTrials({ study, trials, requestId: "add" }));
      expect(answer.trials.map(({ name }) => name)).toEqual([name(study, 2), name(study, 3)]);
    });

    it("UpdateTrial", async () => {
      const study = await createTestStudy(last().client);
      const { trial } = await leaseOne(last().client, study);
      const labels = { mark: "look here" };
      await repeatedly((client) => client.updateTrial({ name: trial!.name, labels, requestId: "label" }));
      expect((await last().client.getTrial({ name: trial!.name })).trial!.labels).toEqual(labels);
      const events = await last().store.listEvents(study);
      expect(events.filter(({ kind }) => kind === "trial-labelled").length).toBeLessThanOrEqual(1);
    });

    it("ImportStudy", async () => {
      const study = await createTestStudy(last().client);
      const chunks: Uint8Array[] = [];
      for await (const { chunk } of last().client.exportStudy({ name: study, format: ExportFormat.JSON }))
        chunks.push(chunk);
      const copy = "projects/default/studies/copy";
      await repeatedly((client) =>
        client.importStudy(
          (async function* () {
            yield { name: copy, requestId: "import" };
            for (const chunk of chunks) yield { chunk: Buffer.from(chunk) };
          })(),
        ),
      );
      expect((await last().client.listStudies({})).studies.map(({ name }) => name).sort()).toEqual([copy, study]);
    });

    it("UpdateStudy and DeleteStudy", async () => {
      const study = await createTestStudy(last().client);
      const pause = { name: study, state: StudyState.PAUSED, requestId: "pause" };
      await repeatedly((client) => client.updateStudy(pause));
      await repeatedly((client) => client.deleteStudy({ name: study, requestId: "delete" }));
      await expect(last().client.deleteStudy({ name: study })).rejects.toMatchObject({ code: 5 });
    });
  },
);

describe("a request id", () => {
  let test: TestOptimizer;
  beforeEach(async () => {
    test = await startTestOptimizer();
  });
  afterEach(() => test[Symbol.asyncDispose]());

  it("is refused for another call, before and after the first has ended", async () => {
    const study = await createTestStudy(test.client);
    const lease = (worker: string) =>
      test.client.leaseTrials({ study, worker, waitSeconds: 10, requestId: "once" }).catch((error: unknown) => error);
    const both = await Promise.all([lease("worker-1"), lease("worker-2"), lease("worker-1")]);
    expect(both[2]).toEqual(both[0]);
    for (const refused of [both[1], await lease("worker-3")])
      expect([reasonOf(refused), fieldViolations(refused)]).toMatchObject([
        "REQUEST_ID_REUSED",
        [{ path: "request_id" }],
      ]);
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
    const kind = FailureKind.RETURNED;
    await test.client.failTrial({ trial: trial!.name, leaseId, kind, reason: "shutting down" });
    expect((await ask()).leases).toHaveLength(1);
  });
});
