import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute, spanName, startTelemetry, type Telemetry, withSpan } from "./index.ts";
import { type OtlpReceiver, spanTree, startOtlpReceiver, unexpectedAttributes } from "./testing/index.ts";
import {
  activeTraceparent,
  parseTraceparent,
  recordTrialSpan,
  trialTraceparent,
  withRemoteParent,
} from "./trial-span.ts";

let receiver: OtlpReceiver;
let telemetry: Telemetry;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
  telemetry = startTelemetry({ service: "telemetry-test", env });
});
afterAll(async () => {
  await telemetry.shutdown();
  await receiver.close();
});

describe("a trial's trace", () => {
  it("has one root, written at the end with the ids that all others joined before", async () => {
    const traceparent = trialTraceparent();
    const { traceId, spanId } = parseTraceparent(traceparent)!;
    const inner = await withRemoteParent(traceparent, () =>
      withSpan(spanName.train, { [attribute.worker]: "trainer-1" }, async () => activeTraceparent()),
    );
    await withRemoteParent(traceparent, () =>
      withSpan(spanName.train, {}, async () => {
        throw new Error("no data");
      }),
    ).catch(() => {});
    const startTime = new Date(Date.now() - 60_000);
    const endTime = new Date();
    const attributes = {
      [attribute.costTotal]: 12.5,
      [attribute.trialAttempts]: 2,
      [attribute.trialState]: "completed",
    };
    recordTrialSpan({ traceparent, startTime, endTime, attributes });
    await telemetry.flush();

    const spans = await receiver.waitFor((all) => all.filter((span) => span.traceId === traceId).length === 3);
    const roots = spanTree(spans, traceId);
    expect(roots).toHaveLength(1);
    const root = roots[0]!;
    expect(root).toMatchObject({
      name: "superbatch.trial",
      spanId,
      parentSpanId: "",
      service: "telemetry-test",
      failed: false,
    });
    expect(root.attributes).toEqual(attributes);
    expect(root.startNanoseconds).toBe(BigInt(startTime.getTime()) * 1_000_000n);
    expect(root.endNanoseconds).toBe(BigInt(endTime.getTime()) * 1_000_000n);
    expect(root.children.map(({ name, failed }) => [name, failed])).toEqual([
      ["superbatch.train", false],
      ["superbatch.train", true],
    ]);
    expect(parseTraceparent(inner)).toMatchObject({ traceId, spanId: root.children[0]!.spanId });
    expect(root.children[0]!.attributes).toEqual({ "superbatch.worker": "trainer-1" });
  });

  it("is not recorded when its traceparent says so, or is none", async () => {
    const before = receiver.spans.length;
    const traceparent = trialTraceparent().replace(/01$/, "00");
    const span = { startTime: new Date(), endTime: new Date(), attributes: {} };
    recordTrialSpan({ ...span, traceparent });
    recordTrialSpan({ ...span, traceparent: "garbage" });
    await withRemoteParent(traceparent, () => withSpan(spanName.train, {}, async () => {}));
    await telemetry.flush();
    expect(receiver.spans.length).toBe(before);
  });

  it("joins nothing without a traceparent", () => {
    expect(withRemoteParent(undefined, activeTraceparent)).toBeUndefined();
    expect(withRemoteParent("00-zz-1-01", activeTraceparent)).toBeUndefined();
  });

  it("is told apart from what the schema does not allow", async () => {
    const traceparent = trialTraceparent();
    const { traceId } = parseTraceparent(traceparent)!;
    await withRemoteParent(traceparent, async () => {
      await withSpan(spanName.train, { [attribute.worker]: "w", "superbatch.wrong": 1 }, async () => {});
      await withSpan("superbatch.unknown", {}, async () => {});
      await withSpan("superbatch.v1.Service/Method", { any: 1 }, async () => {});
    });
    await telemetry.flush();
    const spans = await receiver.waitFor((all) => all.filter((span) => span.traceId === traceId).length === 3);
    expect(unexpectedAttributes(spans.filter((span) => span.traceId === traceId)).sort()).toEqual([
      "superbatch.train: superbatch.wrong",
      "superbatch.unknown is not in the schema",
    ]);
  });

  it("is led to from the suggestions that its result went into, the latest ones", async () => {
    const traceparent = trialTraceparent();
    const { traceId } = parseTraceparent(traceparent)!;
    const observed = Array.from({ length: 40 }, trialTraceparent);
    const linked = [...observed, ""];
    await withRemoteParent(traceparent, async () => {
      await withSpan(spanName.suggest, {}, async () => {}, linked);
      await withSpan(spanName.fit, {}, async () => {}, linked);
    });
    await telemetry.flush();
    const spans = await receiver.waitFor((all) => all.filter((span) => span.traceId === traceId).length === 2);
    const linksOf = (name: string) =>
      spans.find((span) => span.traceId === traceId && span.name === name)!.links.map(({ traceId }) => traceId);
    expect(linksOf(spanName.suggest)).toEqual(observed.slice(-31).map((each) => parseTraceparent(each)!.traceId));
    expect(linksOf(spanName.fit)).toEqual([]);
  });

  it("marks the root of a failed trial", async () => {
    const traceparent = trialTraceparent();
    const { traceId } = parseTraceparent(traceparent)!;
    recordTrialSpan({ traceparent, startTime: new Date(), endTime: new Date(), attributes: {}, failure: "diverged" });
    await telemetry.flush();
    const spans = await receiver.waitFor((all) => all.some((span) => span.traceId === traceId));
    expect(spans.find((span) => span.traceId === traceId)!.failed).toBe(true);
  });
});
