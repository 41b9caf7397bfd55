import { trace } from "@opentelemetry/api";
import { sampler, surrogate } from "@superbatch/contracts";
import {
  parseTraceparent,
  startTelemetry,
  type Telemetry,
  trialTraceparent,
  withRemoteParent,
} from "@superbatch/telemetry";
import { type OtlpReceiver, type ReceivedSpan, spanTree, startOtlpReceiver } from "@superbatch/telemetry/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rpcError } from "./errors.ts";
import { implement } from "./service.ts";
import { startTestService, type TestService } from "./testing/index.ts";

let receiver: OtlpReceiver;
let telemetry: Telemetry;
let service: TestService;
const active = () => trace.getActiveSpan()?.spanContext().traceId;
const seen: (string | undefined)[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  telemetry = startTelemetry({ service: "rpc-test", env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
  const nothing = async () => ({});
  service = await startTestService([
    implement(surrogate.SurrogateServiceDefinition, {
      describe: nothing,
      posterior: nothing,
      async fit() {
        // A call from within a call: what a service does that needs another.
        await service.client(surrogate.SurrogateServiceDefinition).describe({});
        return {};
      },
      async release({ model }) {
        throw rpcError("MODEL_NOT_FOUND", { handle: model });
      },
    }),
    implement(sampler.SamplerServiceDefinition, {
      openSession: nothing,
      getSession: nothing,
      closeSession: nothing,
      async *sample(requests) {
        for await (const _ of requests) {
          seen.push(active());
          yield {};
        }
      },
    }),
  ]);
});
afterAll(async () => {
  await service.stop();
  await telemetry.shutdown();
  await receiver.close();
});

/** The spans of one trace once `count` of them arrived. */
async function traceOf(traceparent: string, count: number): Promise<readonly ReceivedSpan[]> {
  const { traceId } = parseTraceparent(traceparent)!;
  await telemetry.flush();
  const spans = await receiver.waitFor((all) => all.filter((span) => span.traceId === traceId).length >= count);
  return spans.filter((span) => span.traceId === traceId);
}

describe("metrics", () => {
  it("tell how long calls took, by method and code", async () => {
    await service.client(surrogate.SurrogateServiceDefinition).posterior({});
    await telemetry.flush();
    const points = receiver.metrics.filter(({ name }) => name === "rpc.server.call.duration");
    expect(points).toContainEqual(
      expect.objectContaining({
        unit: "s",
        value: 1,
        sum: expect.toSatisfy((seconds: number) => seconds > 0),
        attributes: {
          "rpc.system.name": "grpc",
          "rpc.method": "superbatch.surrogate.v1.SurrogateService/Posterior",
          "rpc.response.status_code": "OK",
        },
      }),
    );
  });
});

describe("tracing", () => {
  it("nests client and server spans through calls from within calls", async () => {
    const traceparent = trialTraceparent();
    const client = service.client(surrogate.SurrogateServiceDefinition);
    await withRemoteParent(traceparent, () => client.fit({}));
    const spans = await traceOf(traceparent, 4);
    const names: string[] = [];
    let [node] = spanTree(spans, parseTraceparent(traceparent)!.traceId);
    expect(node!.parentSpanId).toBe(parseTraceparent(traceparent)!.spanId);
    for (; node; node = node.children[0]) names.push(node.name);
    expect(names).toEqual(
      ["Fit", "Fit", "Describe", "Describe"].map((m) => `superbatch.surrogate.v1.SurrogateService/${m}`),
    );
    expect(spans[0]!.attributes).toMatchObject({ "rpc.system.name": "grpc", "rpc.response.status_code": "OK" });
  });

  it("is active for every message of a stream, with one span a side", async () => {
    const traceparent = trialTraceparent();
    const { traceId } = parseTraceparent(traceparent)!;
    const client = service.client(sampler.SamplerServiceDefinition);
    seen.length = 0;
    await withRemoteParent(traceparent, async () => {
      const requests = (async function* () {
        for (let i = 0; i < 20; i++) yield {};
      })();
      let answers = 0;
      for await (const _ of client.sample(requests)) answers++;
      expect(answers).toBe(20);
    });
    expect(seen).toEqual(Array(20).fill(traceId));
    expect(await traceOf(traceparent, 2)).toHaveLength(2);
  });

  it("marks what failed, with its code", async () => {
    const traceparent = trialTraceparent();
    const client = service.client(surrogate.SurrogateServiceDefinition);
    await withRemoteParent(traceparent, () => client.release({ model: "m" }).catch(() => {}));
    const spans = await traceOf(traceparent, 2);
    expect(spans.map(({ failed, attributes }) => [failed, attributes["rpc.response.status_code"]])).toEqual([
      [true, "NOT_FOUND"],
      [true, "NOT_FOUND"],
    ]);
  });
});
