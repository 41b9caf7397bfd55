import { startTelemetry, type Telemetry, trialTraceparent } from "@superbatch/telemetry";
import { type OtlpReceiver, startOtlpReceiver } from "@superbatch/telemetry/testing";
import { openBackend } from "@superbatch/training";
import { afterAll, beforeAll, expect, it } from "vitest";
import { leaseOf, quick, recordingOptimizer, registryOf, silent, slotOf } from "./testing.ts";
import { attemptTrial } from "./trial-attempt.ts";

let receiver: OtlpReceiver;
let telemetry: Telemetry;
beforeAll(async () => {
  await openBackend("wasm");
  receiver = await startOtlpReceiver();
  telemetry = startTelemetry({ service: "trainer-test", env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
});
afterAll(async () => {
  await telemetry.shutdown();
  await receiver.close();
});

it("an attempt is a span of its trial's trace, with its cost, and holds a span for each epoch", async () => {
  const traceparent = trialTraceparent();
  const lease = leaseOf({ ...quick, epochs: 2 });
  lease.trial!.traceparent = traceparent;
  const recording = recordingOptimizer();
  // Counts its readings: costs do not depend on how busy the machine is.
  let readings = 0;
  await attemptTrial(lease, {
    client: recording.client,
    slot: slotOf(registryOf(), () => readings++),
    logger: silent,
    worker: "w1",
    backend: "wasm",
    heartbeatSeconds: 5,
    costPerSecond: 3,
    stopping: new AbortController().signal,
    patienceSeconds: 0,
  });
  await telemetry.flush();
  const [, traceId, rootId] = traceparent.split("-");
  const spans = receiver.spans.filter((span) => span.traceId === traceId);
  const train = spans.find(({ name }) => name === "superbatch.train")!;
  expect(train.parentSpanId).toBe(rootId);
  expect(train.attributes).toMatchObject({
    "superbatch.worker": "w1",
    "superbatch.dataset": "digits",
    "superbatch.backend": "wasm",
  });
  expect(train.attributes["superbatch.cost.total"]).toBe(recording.completed[0].measurement!.cost!.total);
  const epochs = spans.filter(({ name }) => name === "superbatch.train.epoch");
  expect(epochs.map(({ attributes }) => attributes["superbatch.step"])).toEqual([34, 68]);
  const spent = epochs.map(({ attributes }) => Number(attributes["superbatch.cost.total"]));
  expect(spent.every((cost) => cost > 0)).toBe(true);
  // What is left is what follows the last evaluation.
  const whole = Number(train.attributes["superbatch.cost.total"]);
  expect(whole).toBeGreaterThan(68);
  const rest = whole - spent.reduce((a, b) => a + b);
  expect(rest).toBeGreaterThanOrEqual(0);
  expect(rest).toBeLessThan(10);
  expect(epochs.every(({ parentSpanId }) => parentSpanId === train.spanId)).toBe(true);
});
