import { hostname } from "node:os";
import { descriptorSet, optimizer } from "@superbatch/contracts";
import { createClient, createService, type Logger, type Service } from "@superbatch/rpc";
import type { Telemetry } from "@superbatch/telemetry";
import type { TrainerConfig } from "./config.ts";
import { createLeaseLoop } from "./domain/lease-loop.ts";
import { createTrainingHost } from "./domain/training-host.ts";
import { createWorkloadRegistry, loadWorkloads } from "./domain/workload-registry.ts";
import { trainerService } from "./service.ts";

export interface TrainerComposition {
  readonly config: TrainerConfig;
  readonly logger: Logger;
  readonly telemetry?: Telemetry;
}

/** The trainer as a server that leases trials while it runs. @throws {Error} if no backend runs here or a workload cannot be loaded. */
export async function composeTrainer({ config, logger, telemetry }: TrainerComposition): Promise<Service> {
  const worker = config.worker ?? `${hostname()}-${process.pid}`;
  const { dataDir } = config;
  const cacheDir = config.download ? config.cacheDir : undefined;
  const { backend: wanted, workload, samplerAddress, samplerAuthority, samplerTokenFile } = config;
  const { checkpointDir, checkpointSeconds } = config;
  const places = { dataDir, cacheDir };
  const sampler = { samplerAddress, samplerAuthority, samplerTokenFile };
  const { slot, backend, close } = await createTrainingHost({
    settings: { backend: wanted, workload, ...places, ...sampler, checkpointDir, checkpointSeconds },
    onReplaced: (reason) => logger.warn({ reason }, "a new training thread was started"),
  });
  const registry = createWorkloadRegistry({ ...places, own: await loadWorkloads(workload) });
  const optimizerClient = createClient(optimizer.OptimizerServiceDefinition, config.optimizerAddress, {
    authority: config.optimizerAuthority,
    tokenFile: config.optimizerTokenFile,
  });
  const loop = createLeaseLoop({
    client: optimizerClient.client,
    slot,
    logger,
    worker,
    study: config.study,
    heartbeatSeconds: config.heartbeatSeconds,
    costPerSecond: config.costPerSecond,
    backend: backend.name,
    capabilities: () => registry.capabilities(backend.name),
  });
  return createService({
    name: "trainer",
    config,
    logger,
    entries: [trainerService({ worker, backend, registry, slot, currentTrial: loop.currentTrial })],
    descriptorSet: descriptorSet(),
    ...(telemetry ? { telemetry } : {}),
    onStart() {
      logger.info({ worker, backend: backend.name, device: backend.device }, "training backend");
      if (config.lease) loop.start();
    },
    onDrain: () => loop.stop(),
    async onStop() {
      optimizerClient.close();
      await close();
    },
  });
}
