import { common, matrixToProto, surrogate, vectorToProto } from "@superbatch/contracts";
import { matrixFromRows } from "@superbatch/linalg";
import { type ClientHandle, createClient } from "@superbatch/rpc";
import { type SpawnedService, type SpawnOptions, spawnService } from "@superbatch/rpc/testing";
import { startOtlpReceiver, unexpectedAttributes } from "@superbatch/telemetry/testing";
import { afterEach, describe, expect, it } from "vitest";

const { Inference } = common;
const { Output, SurrogateServiceDefinition } = surrogate;
const main = new URL("./main.ts", import.meta.url);

const services: SpawnedService[] = [];
const handles: ClientHandle<typeof SurrogateServiceDefinition>[] = [];
afterEach(async () => {
  for (const handle of handles.splice(0)) handle.close();
  await Promise.all(services.splice(0).map((service) => service.end("SIGKILL")));
});

async function start(options: SpawnOptions = {}): Promise<SpawnedService> {
  const service = await spawnService(main, { ...options, flags: ["--threads", "1", ...(options.flags ?? [])] });
  services.push(service);
  return service;
}

function connect(address: string) {
  const handle = createClient(SurrogateServiceDefinition, address, { retry: { calls: "all" } });
  handles.push(handle);
  return handle.client;
}

/** Six observations; the seed makes different requests of them. */
function request(seed: number) {
  const values = [0.1, 0.3, 0.4, 0.6, 0.8, 0.9];
  return {
    dimensions: [{ name: "a", kind: { $case: "numeric", value: {} } as const }],
    x: matrixToProto(matrixFromRows(values.map((value) => [value]))),
    y: vectorToProto(Float64Array.from(values)),
    cost: vectorToProto(Float64Array.from(values)),
    inference: Inference.MAP,
    seed,
  };
}

describe("the surrogate's process", () => {
  it("finishes what is in flight on SIGTERM; with a second replica no call fails", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    const ports = [first, second].map(({ address }) => address);
    const client = connect(`ipv4:${ports.join(",")}`);
    let seed = 0;
    let stopped = false;
    const callers = Array.from({ length: 8 }, async () => {
      let answered = 0;
      for (; !stopped || answered === 0; answered++) await client.fit(request(seed++));
      return answered;
    });
    // Both replicas have work by now: calls go to them in turn.
    for (let i = 0; i < 4; i++) await client.fit(request(seed++));
    expect(await first.end("SIGTERM")).toBe(0);
    for (let i = 0; i < 4; i++) await client.fit(request(seed++));
    stopped = true;
    for (const answered of await Promise.all(callers)) expect(answered).toBeGreaterThan(0);
    expect(await second.end("SIGINT")).toBe(0);
    expect(first.stderr()).toContain('"msg":"stopped"');
  });

  it("sends its part of a trace before it ends", async () => {
    await using receiver = await startOtlpReceiver();
    const service = await start({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
    const client = connect(service.address);
    const { model } = await client.fit(request(1));
    await client.posterior({ model, output: Output.OBJECTIVE, points: request(1).x });
    await service.end();
    const spans = receiver.spans.filter((span) => span.service === "surrogate-model");
    const byName = (name: string) => spans.filter((span) => span.name === name);
    const [fitCall] = byName("superbatch.surrogate.v1.SurrogateService/Fit");
    const fits = byName("superbatch.fit");
    expect(fits.map(({ attributes }) => attributes["superbatch.surrogate.output"]).sort()).toEqual([
      "log-cost",
      "objective",
    ]);
    for (const fit of fits) {
      expect([fit.traceId, fit.parentSpanId]).toEqual([fitCall!.traceId, fitCall!.spanId]);
      expect(fit.attributes["superbatch.observation.count"]).toBe(6);
    }
    expect(byName("superbatch.posterior")).toHaveLength(1);
    expect(unexpectedAttributes(spans)).toEqual([]);
    expect(receiver.metrics.map(({ name }) => name)).toContain("rpc.server.call.duration");
  });

  it.each([
    ["a flag out of range", ["--threads=-1"], "--threads"],
    ["a public address without TLS", ["--listen=0.0.0.0:0"], "--listen 0.0.0.0:0"],
    ["a token file that is not there", ["--tokens-file=/nonexistent"], "--tokens-file"],
  ])("ends with 2 for %s, naming it", async (_, flags, name) => {
    await expect(start({ flags })).rejects.toThrow(new RegExp(`ended with 2: .*surrogate-model: .*${name}`, "s"));
  });
});
