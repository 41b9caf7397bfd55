import { metrics } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { startTelemetry } from "./setup.ts";
import { startOtlpReceiver } from "./testing/index.ts";

it("metrics arrive, the event loop's among them, at the latest with the shutdown", async () => {
  await using receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.endpoint}/v1/metrics` };
  const telemetry = startTelemetry({ service: "metrics-test", env });
  const meter = metrics.getMeter("test");
  meter.createCounter("trials", { unit: "{trial}" }).add(3, { state: "completed" });
  meter.createObservableGauge("depth").addCallback((result) => result.observe(-7));
  const duration = meter.createHistogram("duration", { unit: "s" });
  duration.record(0.5);
  duration.record(0.25);
  await telemetry.shutdown();
  const of = (name: string) => receiver.metrics.find((metric) => metric.name === name);
  expect(of("trials")).toEqual({
    service: "metrics-test",
    name: "trials",
    unit: "{trial}",
    attributes: { state: "completed" },
    value: 3,
  });
  expect(of("depth")).toMatchObject({ value: -7 });
  expect(of("duration")).toMatchObject({ value: 2, sum: 0.75, unit: "s" });
  expect(of("nodejs.eventloop.delay.p99")).toMatchObject({ unit: "s" });
  expect(receiver.spans).toEqual([]);
});
