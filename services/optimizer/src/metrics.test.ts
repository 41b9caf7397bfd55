import { startTelemetry } from "@superbatch/telemetry";
import { startOtlpReceiver } from "@superbatch/telemetry/testing";
import { expect, it } from "vitest";
import { expireLeases } from "./domain/expiry.ts";
import { complete, createTestStudy, leaseOne, startTestOptimizer } from "./testing/test-optimizer.ts";

it("tells what studies cost, by phase and worker, how much work they have, and what was lost", async () => {
  await using receiver = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.endpoint}/v1/metrics` };
  const telemetry = startTelemetry({ service: "optimizer", env });
  await using test = await startTestOptimizer();
  const study = await createTestStudy(test.client, { budget: { maxTrials: 5 } });
  await complete(test.client, await leaseOne(test.client, study, "gpu-1"), 0.5, 7);
  await leaseOne(test.client, study, "gpu-2");
  test.now += 120_000;
  await expireLeases(test.store, test.now, 0);
  await leaseOne(test.client, study, "gpu-1");
  await telemetry.flush();

  const of = (name: string, labels: Record<string, string> = {}) =>
    receiver.metrics
      .filter((metric) => metric.name === name)
      .filter(({ attributes }) => Object.entries(labels).every(([key, value]) => attributes[key] === value));
  expect(of("superbatch.trials.leasable", { "superbatch.study": study })).toMatchObject([{ value: 4 }]);
  expect(of("superbatch.lease.expiries")).toMatchObject([{ value: 1, attributes: { "superbatch.worker": "gpu-2" } }]);
  expect(of("superbatch.trial.ends")).toMatchObject([
    { value: 1, attributes: { "superbatch.trial.state": "completed" } },
  ]);
  expect(of("superbatch.trial.cost", { "superbatch.worker": "gpu-1" })).toHaveLength(5);
  expect(of("superbatch.trial.cost", { "superbatch.cost.phase": "gradient" })).toMatchObject([{ value: 7 }]);
  expect(of("superbatch.study.cost", { "superbatch.cost.unit": "seconds" })).toMatchObject([{ value: 7 }]);
  expect(of("superbatch.trials", { "superbatch.trial.state": "leased" })).toMatchObject([{ value: 1 }]);
  expect(of("superbatch.work.duration", { "superbatch.work": "superbatch.suggest" }).length).toBe(1);
  await telemetry.shutdown();
});
