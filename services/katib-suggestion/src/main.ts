import { readFileSync } from "node:fs";
import { optimizer } from "@superbatch/contracts";
import { clientOptions, createClient, createService, runService } from "@superbatch/rpc";
import { config as definition } from "./config.ts";
import { createSuggestionService } from "./service.ts";

await runService(definition, ({ config, logger, telemetry }) => {
  const { client, close } = createClient(
    optimizer.OptimizerServiceDefinition,
    config.optimizerAddress,
    clientOptions("optimizer", config),
  );
  const { project, waitSeconds } = config;
  return createService({
    name: definition.service,
    config,
    entries: [createSuggestionService({ client, project, waitSeconds })],
    logger,
    telemetry,
    descriptorSet: readFileSync(new URL("./generated/descriptors.binpb", import.meta.url)),
    onStop: close,
  });
});
