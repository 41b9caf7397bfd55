import { sampler as contract } from "@superbatch/contracts";
import { samplerContract } from "@superbatch/is-sgd/testing";
import {
  type ClientHandle,
  createClient,
  createLogger,
  fieldViolations,
  reasonOf,
  type Service,
  Status,
} from "@superbatch/rpc";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { composeSampler } from "./compose.ts";
import { config } from "./config.ts";

let service: Service;
let handle: ClientHandle<typeof contract.SamplerServiceDefinition>;

beforeAll(async () => {
  service = composeSampler({
    config: config.schema.parse({
      listen: "127.0.0.1:0",
      maxExamples: 5000,
      maxSuperBatchSize: 500,
      maxSessionsPerTenant: 50,
      maxHistoryExamplesPerTenant: 1500,
    }),
    logger: createLogger({ name: "importance-sampler", level: "silent" }),
  });
  await service.start();
  handle = createClient(contract.SamplerServiceDefinition, service.address);
});

afterAll(async () => {
  handle.close();
  await service.stop();
});

samplerContract("remote", (spec, token) =>
  openRemoteSampler({ spec, addresses: [service.address], ...(token ? { token } : {}) }),
);

const protoSpec = contract.SessionSpec.fromPartial({ examples: 100, batchSize: 4, superBatchSize: 8, seed: 1 });

async function open(spec: Partial<contract.SessionSpec> = {}): Promise<string> {
  return (await handle.client.openSession({ spec: { ...protoSpec, ...spec }, token: Buffer.alloc(0), requestId: "" }))
    .session;
}

/** A raw stream: what it is sent, and its answers one by one. */
function stream() {
  const { send, receive, end } = handle.openStream(contract.SamplerServiceDefinition.methods.sample);
  const next = async () => (await receive()) as contract.SampleResponse;
  return {
    start: (value: Partial<contract.SampleStart>) =>
      send({ message: { $case: "start", value: contract.SampleStart.fromPartial(value) } }),
    scores: (round: number, values: readonly number[], part = 0) =>
      send({ message: { $case: "scores", value: { round, part, values: floats(values) } } }),
    push: send,
    end,
    next,
    /** The first answer that holds a task. */
    async task() {
      for (;;) {
        const { tasks } = await next();
        if (tasks.length > 0) return tasks[0];
      }
    },
  };
}

const floats = (values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);

async function refused(action: Promise<unknown>) {
  const error = await action.then(
    () => undefined,
    (reason) => reason,
  );
  return {
    code: Status[(error as { code: Status }).code],
    reason: reasonOf(error),
    fields: fieldViolations(error).map(({ path }) => path),
  };
}

describe("bad input", () => {
  it("a wrong spec is refused with every wrong field", async () => {
    const spec = { batchSize: 0, superBatchSize: 200, smoothing: 2, shards: [{ start: 1, end: 5 }] };
    expect(await refused(open(spec))).toEqual({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_FIELDS",
      fields: ["spec.batch_size", "spec.super_batch_size", "spec.smoothing", "spec.shards[0].start"],
    });
    expect(await refused(open({ superBatchSize: 200 }))).toMatchObject({ fields: ["spec.super_batch_size"] });
    expect(await refused(open({ batchSize: 9 }))).toMatchObject({ fields: ["spec.super_batch_size"] });
    expect(await refused(open({ examples: 0 }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(await refused(open({ scheme: "UNRECOGNIZED" }))).toMatchObject({ fields: ["spec.scheme"] });
  });

  const wrong: [string, (s: ReturnType<typeof stream>) => void, string][] = [
    ["a score that is not a number", (s) => s.scores(0, [1, Number.NaN, 1, 1]), "scores.values[1]"],
    ["a negative score", (s) => s.scores(0, [1, 1, 1, -2]), "scores.values[3]"],
    ["an infinite score", (s) => s.scores(0, [1, 1, Number.POSITIVE_INFINITY, 1]), "scores.values[2]"],
    ["too many scores", (s) => s.scores(0, [1, 1, 1, 1, 1]), "scores.values"],
    ["a round that is far away", (s) => s.scores(2 ** 40, [1, 1, 1, 1]), "scores.round"],
    ["too few scores", (s) => s.scores(0, [1, 1, 1]), "scores.values"],
    ["another round", (s) => s.scores(1, [1, 1, 1, 1]), "scores.round"],
    ["another part", (s) => s.scores(0, [1, 1, 1, 1], 1), "scores.part"],
    [
      "half a number",
      (s) => s.push({ message: { $case: "scores", value: { round: 0, part: 0, values: Buffer.alloc(7) } } }),
      "scores.values",
    ],
    ["a second start", (s) => s.start({ session: "x" }), "start"],
    ["an empty message", (s) => s.push({ message: undefined }), "message"],
  ];
  it.each(wrong)("%s ends the stream and names the field; the session remains usable", async (_, send, field) => {
    const session = await open();
    const first = stream();
    first.start({ session });
    const task = await first.task();
    send(first);
    expect(await refused(first.next())).toEqual({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_FIELDS",
      fields: [field],
    });
    const second = stream();
    second.start({ session });
    expect(await second.task()).toEqual(task);
    second.scores(0, [1, 1, 1, 1]);
    expect(await second.task()).toMatchObject({ round: 1 });
    second.end();
  });

  it("scores before the start are refused", async () => {
    const s = stream();
    s.scores(0, [1]);
    expect(await refused(s.next())).toMatchObject({ code: "INVALID_ARGUMENT", fields: ["start"] });
  });

  it("an unknown session is NOT_FOUND in every call", async () => {
    const expected = { code: "NOT_FOUND", reason: "SESSION_NOT_FOUND", fields: [] };
    const s = stream();
    s.start({ session: "nobody" });
    expect(await refused(s.next())).toEqual(expected);
    expect(await refused(handle.client.getSession({ session: "nobody" }))).toEqual(expected);
    await handle.client.closeSession({ session: "nobody" });
  });

  it("a damaged token, or one of another spec, is refused", async () => {
    const { token } = await handle.client.openSession({ spec: protoSpec, token: Buffer.alloc(0), requestId: "" });
    const damaged = Buffer.from(token);
    damaged[20] ^= 1;
    const reopen = (spec: contract.SessionSpec, token: Buffer) =>
      refused(handle.client.openSession({ spec, token, requestId: "" }));
    expect(await reopen(protoSpec, damaged)).toMatchObject({ fields: ["token"] });
    expect(await reopen({ ...protoSpec, seed: 2 }, token)).toMatchObject({ fields: ["token"] });
  });

  it("limits on examples, super-batch and a tenant's loss histories are RESOURCE_EXHAUSTED", async () => {
    const expected = { code: "RESOURCE_EXHAUSTED", reason: "SESSION_LIMIT_EXCEEDED" };
    expect(await refused(open({ examples: 5001 }))).toMatchObject(expected);
    expect(await refused(open({ examples: 1000, superBatchSize: 501 }))).toMatchObject(expected);
    const first = await open({ examples: 1000, scheme: "SCHEME_LOSS_HISTORY" });
    expect(await refused(open({ examples: 1000, scheme: "SCHEME_LOSS_HISTORY" }))).toMatchObject(expected);
    await handle.client.closeSession({ session: first });
    await handle.client.closeSession({ session: await open({ examples: 1000, scheme: "SCHEME_LOSS_HISTORY" }) });
  });
});

describe("sessions", () => {
  it("a repeated request id gives the same session; with other contents it is refused", async () => {
    const request = { spec: protoSpec, token: Buffer.alloc(0), requestId: "one" };
    const { session } = await handle.client.openSession(request);
    expect((await handle.client.openSession(request)).session).toBe(session);
    const other = { ...request, spec: { ...protoSpec, seed: 5 } };
    expect(await refused(handle.client.openSession(other))).toMatchObject({
      reason: "REQUEST_ID_REUSED",
      fields: ["request_id"],
    });
  });

  it("show their spec, counters and members", async () => {
    const session = await open();
    const s = stream();
    s.start({ session, worker: "a" });
    await s.task();
    s.scores(0, [1, 2, 3, 4]);
    await s.task();
    const shown = await handle.client.getSession({ session });
    expect(shown.spec).toMatchObject({ examples: 100, scheme: "SCHEME_UPPER_BOUND", smoothing: 0.9, costRatio: 3 });
    expect(shown.status).toMatchObject({ rounds: 1, importance: false, effectiveSampleSize: 4 });
    expect(shown.status!.tau).toBeCloseTo(0.1 * Math.sqrt(1.2), 6);
    expect(shown.workers).toEqual(["a"]);
    s.end();
  });

  it("end their streams when they are closed", async () => {
    const session = await open();
    const s = stream();
    s.start({ session });
    await s.task();
    await handle.client.closeSession({ session });
    expect(await refused(s.next())).toMatchObject({ code: "ABORTED", reason: "STREAM_ENDED" });
  });

  it("a worker's new stream takes over from its old one", async () => {
    const session = await open();
    const [old, fresh] = [stream(), stream()];
    old.start({ session });
    const task = await old.task();
    fresh.start({ session });
    expect(await fresh.task()).toEqual(task);
    expect(await refused(old.next())).toMatchObject({ reason: "STREAM_ENDED" });
    fresh.scores(0, [1, 1, 1, 1]);
    expect(await fresh.task()).toMatchObject({ round: 1 });
    fresh.end();
  });
});
