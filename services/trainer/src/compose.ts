import { hostname } from "node:os";
import { descriptorSet, optimizer } from "@superbatch/contracts";
import { clientOptions, createClient, createService, type Logger, probeService, type Service } from "@superbatch/rpc";
import type { Telemetry } from "@superbatch/telemetry";
import { checkpointsAt } from "@superbatch/training";
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
  const { backend: wanted, workload, samplerAddress } = config;
  const { checkpointDir, checkpointSeconds } = config;
  const checkpoints = checkpointDir === undefined ? undefined : checkpointsAt(checkpointDir);
  const places = { dataDir, cacheDir };
  const sampler = { samplerAddress, sampler: clientOptions("sampler", config) };
  const { slot, backend, close } = await createTrainingHost({
    settings: { backend: wanted, workload, ...places, ...sampler, checkpointDir, checkpointSeconds },
    onReplaced: (reason) => logger.warn({ reason }, "a new training thread was started"),
  });
  const registry = createWorkloadRegistry({ ...places, own: await loadWorkloads(workload) });
  const optimizerOptions = clientOptions("optimizer", config);
  const optimizerClient = createClient(optimizer.OptimizerServiceDefinition, config.optimizerAddress, optimizerOptions);
  const loop = createLeaseLoop({
    client: optimizerClient.client,
    slot,
    logger,
    worker,
    study: config.study,
    heartbeatSeconds: config.heartbeatSeconds,
    costPerSecond: config.costPerSecond,
    backend: backend.name,
    forget: checkpoints && ((trial) => checkpoints(trial).remove()),
    capabilities: () => registry.capabilities(backend.name),
  });
  const probes: (() => void)[] = [];
  const service: Service = createService({
    name: "trainer",
    config,
    logger,
    entries: [trainerService({ worker, backend, registry, slot, currentTrial: loop.currentTrial })],
    descriptorSet: descriptorSet(),
    // Train calls need no optimizer, and a trial that is under way waits for either.
    dependencies: { sampler: "optional", ...(config.lease && { optimizer: "optional" as const }) },
    ...(telemetry ? { telemetry } : {}),
    onStart() {
      logger.info({ worker, backend: backend.name, device: backend.device }, "training backend");
      const probe = (name: string, address: string, security: ReturnType<typeof clientOptions>) =>
        probes.push(probeService(address, { ...security, onLook: (serving) => service.setDependency(name, serving) }));
      if (config.lease) probe("optimizer", config.optimizerAddress, optimizerOptions);
      probe("sampler", samplerAddress, sampler.sampler);
      if (config.lease) loop.start();
    },
    onDrain: () => loop.stop(),
    async onStop() {
      for (const end of probes) end();
      optimizerClient.close();
      await close();
    },
  });
  return service;
}
