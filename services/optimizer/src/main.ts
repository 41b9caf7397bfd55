import { descriptorSet, surrogate } from "@superbatch/contracts";
import { clientOptions, createClient, createService, probeService, runService } from "@superbatch/rpc";
import { openStore } from "@superbatch/store";
import { optimizerConfig } from "./config.ts";
import { createSuggestionEngine } from "./domain/suggest/create-engine.ts";
import { createRemoteSurrogate } from "./domain/suggest/remote-surrogate.ts";
import { createOptimizer } from "./service.ts";

await runService(optimizerConfig, async ({ config, logger, telemetry }) => {
  const store = await openStore(config.store);
  const connection = clientOptions("surrogate", config);
  const { client, close } = createClient(surrogate.SurrogateServiceDefinition, config.surrogateAddress, {
    ...connection,
    maxMessageMebibytes: config.maxMessageMebibytes,
  });
  const engine = createSuggestionEngine({ surrogate: createRemoteSurrogate({ client }) });
  const limits = { studies: config.maxStudies, parameters: config.maxParameters, trials: config.maxTrials };
  const optimizer = createOptimizer({ store, engine, logger, clock: Date.now, limits });
  let endProbe: (() => void) | undefined;
  const service = createService({
    name: optimizerConfig.service,
    config,
    entries: [optimizer.entry],
    logger,
    descriptorSet: descriptorSet(),
    // Without a surrogate trials are still reported, and leased by algorithms without a model.
    dependencies: { store: "required", surrogate: "optional" },
    telemetry,
    onStart() {
      const { setDependency } = service;
      setDependency("store", true);
      optimizer.start((reachable) => setDependency("store", reachable));
      endProbe = probeService(config.surrogateAddress, {
        ...connection,
        onLook: (serving) => setDependency("surrogate", serving),
      });
    },
    onDrain: () => optimizer.stop(),
    async onStop() {
      endProbe?.();
      close();
      await store.close();
    },
  });
  return service;
});
