import { descriptorSet, surrogate } from "@superbatch/contracts";
import { clientOptions, createClient, createService, probeService, runService } from "@superbatch/rpc";
import { openStore } from "@superbatch/store";
import { optimizerConfig } from "./config.ts";
import { createSuggestionEngine } from "./domain/suggest/create-engine.ts";
import { createRemoteSurrogate } from "./domain/suggest/remote-surrogate.ts";
import { createSurrogateDirectory } from "./domain/suggest/surrogate-directory.ts";
import { createOptimizer } from "./service.ts";

await runService(optimizerConfig, async ({ config, logger, telemetry }) => {
  const store = await openStore(config.store);
  const connection = clientOptions("surrogate", config);
  const handles: { close(): void }[] = [];
  const surrogates = createSurrogateDirectory({
    own: config.surrogateAddress,
    named: new Map(config.surrogates.split(",").flatMap(nameAndAddress)),
    addresses: config.surrogateAddresses,
    connect(address, known) {
      const credentials = known ? connection : {};
      const options = { ...credentials, maxMessageMebibytes: config.maxMessageMebibytes };
      const handle = createClient(surrogate.SurrogateServiceDefinition, address, options);
      handles.push(handle);
      // Longer than a study may wait for a surrogate: the directory's own limit holds.
      return createRemoteSurrogate({ client: handle.client, fitSeconds: 3600 });
    },
  });
  const engine = createSuggestionEngine({ surrogates });
  const surrogateProblem = surrogates.problemOf;
  const limits = { studies: config.maxStudies, parameters: config.maxParameters, trials: config.maxTrials };
  const optimizer = createOptimizer({ store, engine, logger, clock: Date.now, limits, surrogateProblem });
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
      for (const handle of handles) handle.close();
      await store.close();
    },
  });
  return service;
});

function nameAndAddress(entry: string): [name: string, address: string][] {
  const [name, address] = entry.trim().split("=");
  return address === undefined ? [] : [[name!, address]];
}
