import { descriptorSet, surrogate } from "@superbatch/contracts";
import { createClient, createService, runService } from "@superbatch/rpc";
import { openStore } from "@superbatch/store";
import { optimizerConfig } from "./config.ts";
import { createSuggestionEngine } from "./domain/suggest/create-engine.ts";
import { createRemoteSurrogate } from "./domain/suggest/remote-surrogate.ts";
import { createOptimizer } from "./service.ts";

await runService(optimizerConfig, async ({ config, logger, telemetry }) => {
  const store = await openStore(config.store);
  const { client, close } = createClient(surrogate.SurrogateServiceDefinition, config.surrogateAddress, {
    authority: config.surrogateAuthority,
    tokenFile: config.surrogateTokenFile,
    maxMessageMebibytes: config.maxMessageMebibytes,
  });
  const engine = createSuggestionEngine({ surrogate: createRemoteSurrogate({ client }) });
  const optimizer = createOptimizer({ store, engine, logger, clock: Date.now });
  const service = createService({
    name: optimizerConfig.service,
    config,
    entries: [optimizer.entry],
    logger,
    descriptorSet: descriptorSet(),
    telemetry,
    onStart: () => optimizer.start((reachable) => service.setServing(optimizer.entry.definition.fullName, reachable)),
    onDrain: () => optimizer.stop(),
    async onStop() {
      close();
      await store.close();
    },
  });
  return service;
});
