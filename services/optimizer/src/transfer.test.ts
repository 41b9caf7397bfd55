import { optimizer, spaceToProto } from "@superbatch/contracts";
import type { Parameter } from "@superbatch/search-space";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  complete,
  createTestStudy,
  leaseOne,
  startTestOptimizer,
  type TestOptimizer,
  testSpace,
} from "./testing/test-optimizer.ts";

const { ExportFormat } = optimizer;

let test: TestOptimizer;
beforeEach(async () => {
  test = await startTestOptimizer();
});
afterEach(() => test[Symbol.asyncDispose]());

async function download(name: string, format: optimizer.ExportFormat = ExportFormat.JSON): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const { chunk } of test.client.exportStudy({ name, format })) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** @param size - of the chunks, in bytes. */
async function upload(name: string, text: string, { requestId = "", size = 1_000 } = {}) {
  const bytes = Buffer.from(text);
  async function* chunks() {
    yield { name, requestId };
    for (let i = 0; i < bytes.length; i += size) yield { chunk: bytes.subarray(i, i + size) };
  }
  return (await test.client.importStudy(chunks())).study!;
}

/** A study with a result, a learning curve, a lease, a failure, labels, and two versions of its space. */
async function fill(): Promise<string> {
  const { client } = test;
  const study = await createTestStudy(client, { labels: { why: "ü – 字" }, requirements: {}, budget: { maxCost: 50 } });
  await complete(client, await leaseOne(client, study), 0.1 + 0.2);
  const layers: Parameter = { name: "layers", domain: { kind: "integer", min: 1, max: 16, scale: "linear" } };
  const wider = { ...testSpace, parameters: testSpace.parameters.map((old) => (old.name === "layers" ? layers : old)) };
  await client.updateStudy({ name: study, space: spaceToProto(wider) });
  const running = await leaseOne(client, study);
  await client.reportProgress({
    trial: running.trial!.name,
    leaseId: running.leaseId,
    points: [{ step: 3, metrics: { error: 1 / 3 }, cost: { total: 0.25 } }],
  });
  return study;
}

describe("a study as a file", () => {
  it("comes back exactly, and its trainers go on with the leases that they hold", async () => {
    const study = await fill();
    const text = await download(study);
    const before = await test.client.listTrials({ study, includeProgress: true });
    await test.client.deleteStudy({ name: study });
    const imported = await upload(study, text);
    expect(imported.name).toBe(study);
    expect(await download(study)).toBe(text);
    expect(await test.client.listTrials({ study, includeProgress: true })).toEqual(before);
    const lease = JSON.parse(text).trials[1].lease.id;
    const answer = await test.client.reportProgress({ trial: `${study}/trials/2`, leaseId: lease });
    expect(answer.command).toBe("COMMAND_CONTINUE");
  });

  it("can be a copy under another name, in another project", async () => {
    const study = await fill();
    const name = "projects/other/studies/copy";
    const copy = await upload(name, await download(study));
    expect(copy).toMatchObject({ name, spaceVersion: 2, progress: { completed: 1, running: 1 } });
    expect(copy.progress!.bestTrial).toBe(`${name}/trials/1`);
    expect((await test.client.getStudy({ name: study })).study!.progress).toMatchObject({ completed: 1, running: 1 });
  });

  it("is imported once, however often and in whatever pieces it is sent", async () => {
    const study = await fill();
    const text = await download(study);
    const name = "projects/default/studies/copy";
    const first = await upload(name, text, { requestId: "one" });
    expect(await upload(name, text, { requestId: "one", size: 77 })).toEqual(first);
    await expect(upload(name, text, { requestId: "two" })).rejects.toThrow("ALREADY_EXISTS");
    await expect(upload(name, text.replace('"layers":', '"layerz":'), { requestId: "one" })).rejects.toThrow(
      "INVALID_ARGUMENT",
    );
  });

  it("is refused with a reason if it is not one that this optimizer could go on with", async () => {
    const study = await fill();
    const good = JSON.parse(await download(study));
    const name = "projects/default/studies/copy";
    const change = (edit: (document: typeof good) => void) => {
      const document = structuredClone(good);
      edit(document);
      return upload(name, JSON.stringify(document));
    };
    await expect(upload("nonsense", "{}")).rejects.toThrow("name");
    await expect(upload(name, "")).rejects.toThrow("not JSON");
    await expect(change((d) => delete d.study.spec.space)).rejects.toThrow("spec");
    await expect(change((d) => delete d.study.spec.lease)).rejects.toThrow("spec");
    await expect(change((d) => (d.study.spec.lease.seconds = 0.5))).rejects.toThrow("lease_seconds");
    await expect(change((d) => (d.study.spec.previousSpaces = []))).rejects.toThrow("versions of its space");
    await expect(change((d) => (d.trials[0].explanation = {}))).rejects.toThrow("trial 1 cannot be read");
    await expect(change((d) => (d.events[0].kind = "party"))).rejects.toThrow("event 1 is of the unknown kind");
    await expect(test.client.getStudy({ name })).rejects.toThrow("NOT_FOUND");
  });

  it("can be a table, with the same trials", async () => {
    const study = await fill();
    const [header, first, ...rest] = (await download(study, ExportFormat.CSV)).split("\r\n");
    expect(header).toMatch(/^trial,state,value,cost/);
    expect(first).toMatch(/^1,completed,0.30000000000000004,1,/);
    expect(rest).toHaveLength(2);
    for (const format of [ExportFormat.CSV, ExportFormat.JSON])
      await expect(download("projects/default/studies/no", format)).rejects.toThrow("NOT_FOUND");
  });
});
