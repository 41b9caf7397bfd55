import { sampler as contract } from "@superbatch/contracts";
import { drive } from "@superbatch/is-sgd/testing";
import { createClient, createLogger } from "@superbatch/rpc";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { startTelemetry } from "@superbatch/telemetry";
import { startOtlpReceiver } from "@superbatch/telemetry/testing";
import { expect, it } from "vitest";
import { composeSampler } from "./compose.ts";
import { config } from "./config.ts";

it("a session's metrics tell τ, effective sample size, the share of steps by importance, and the seconds spent waiting", async () => {
  await using receiver = await startOtlpReceiver();
  const telemetry = startTelemetry({
    service: "importance-sampler",
    env: { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${receiver.endpoint}/v1/metrics` },
  });
  const service = composeSampler({
    config: config.schema.parse({ listen: "127.0.0.1:0" }),
    logger: createLogger({ name: "importance-sampler", level: "silent" }),
  });
  await service.start();
  const spec = { examples: 100, batchSize: 4, superBatchSize: 12, threshold: 0, seed: 5 };
  const sampler = await openRemoteSampler({ spec, addresses: [service.address] });
  await drive(sampler, (index) => (index % 5) + 1, 20);
  const status = sampler.status()!;
  const handle = createClient(contract.SamplerServiceDefinition, service.address);
  const { waitingSeconds } = await handle.client.getSession({ session: sampler.session });
  await telemetry.shutdown();
  const told = (measure: string) =>
    receiver.metrics.find(
      ({ name, attributes }) =>
        name === `superbatch.sampler.${measure}` && Object.values(attributes).includes(sampler.session),
    )?.value;
  expect(told("tau")).toBeCloseTo(status.tau, 10);
  expect(told("effective_sample_size")).toBeCloseTo(status.effectiveSampleSize, 10);
  expect(told("importance_share")).toBeCloseTo(status.importanceRounds / status.rounds, 10);
  expect(told("steps")).toBe(status.rounds);
  expect(told("waiting")).toBeCloseTo(waitingSeconds, 6);
  expect(status.importanceRounds).toBeGreaterThan(15);
  expect(waitingSeconds).toBeGreaterThan(0);
  // As its worker sees it.
  expect(sampler.waitingSeconds()).toBeGreaterThan(0);
  await sampler.close();
  handle.close();
  await service.stop();
});
