import { availableParallelism } from "node:os";
import { descriptorSet } from "@superbatch/contracts";
import { createService, runService } from "@superbatch/rpc";
import { surrogateConfig } from "./config.ts";
import { modelKinds } from "./domain/models/kinds.ts";
import { createSurrogate } from "./domain/surrogate.ts";
import { createSurrogateService } from "./service.ts";

await runService(surrogateConfig, ({ config, logger, telemetry }) => {
  const model = modelKinds[config.model];
  const surrogate = createSurrogate({
    modelKind: config.model,
    threads: config.threads || Math.min(Math.max(availableParallelism(), 2), 8),
    cacheBytes: config.cacheMebibytes * 2 ** 20,
    onThreadLost: (cause) => logger.error({ err: cause }, "a thread ended; its models are lost"),
  });
  const entry = createSurrogateService({
    surrogate,
    model,
    version: "0.1.0",
    maxObservations: config.maxObservations,
    samples: model.choosesSamples ? config.samples : 0,
    maxMessageBytes: config.maxMessageMebibytes * 2 ** 20,
  });
  return createService({
    name: surrogateConfig.service,
    config,
    entries: [entry],
    logger,
    telemetry,
    descriptorSet: descriptorSet(),
    onStop: () => surrogate.close(),
  });
});
