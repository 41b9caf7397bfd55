import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import { descriptorSet, optimizer } from "@superbatch/contracts";
import { createClient, createService, type Logger, type Service } from "@superbatch/rpc";
import type { Telemetry } from "@superbatch/telemetry";
import { checkpointInFolder, openBackend } from "@superbatch/training";
import type { TrainerConfig } from "./config.ts";
import { createLeaseLoop } from "./domain/lease-loop.ts";
import { connectSampler } from "./domain/sampler-connection.ts";
import { createTrainingSlot } from "./domain/training-slot.ts";
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
  const { checkpointDir } = config;
  const backend = await openBackend(config.backend);
  const registry = createWorkloadRegistry({
    dataDir: config.dataDir,
    cacheDir: config.download ? config.cacheDir : undefined,
    own: await loadWorkloads(config.workload),
  });
  const samplerClient = { authority: config.samplerAuthority, tokenFile: config.samplerTokenFile };
  const slot = createTrainingSlot({
    registry,
    clock: () => performance.now() / 1000,
    sampler: (spec, signal, token) =>
      connectSampler({ spec, signal, token, address: config.samplerAddress, client: samplerClient }),
    checkpointSeconds: config.checkpointSeconds,
  });
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
    checkpointOf: (trial) => (checkpointDir === undefined ? undefined : checkpointInFolder(checkpointDir, trial)),
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
    onStop: () => optimizerClient.close(),
  });
}
