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
  const named = new Map(config.surrogates.split(",").flatMap(nameAndAddress));
  // Each has a health of its own: `surrogate` for the optimizer's own, `surrogate/NAME` for those that studies choose by name.
  const addresses = new Map([["surrogate", config.surrogateAddress]]);
  for (const [name, address] of named) addresses.set(`surrogate/${name}`, address);
  const surrogates = createSurrogateDirectory({
    own: config.surrogateAddress,
    named,
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
  let probes: (() => void)[] = [];
  const service = createService({
    name: optimizerConfig.service,
    config,
    entries: [optimizer.entry],
    logger,
    descriptorSet: descriptorSet(),
    // Without a surrogate trials are still reported, and leased by algorithms without a model.
    dependencies: {
      store: "required",
      ...Object.fromEntries([...addresses.keys()].map((name) => [name, "optional" as const])),
    },
    telemetry,
    onStart() {
      const { setDependency } = service;
      setDependency("store", true);
      optimizer.start((reachable) => setDependency("store", reachable));
      probes = Array.from(addresses, ([name, address]) =>
        probeService(address, { ...connection, onLook: (serving) => setDependency(name, serving) }),
      );
    },
    onDrain: () => optimizer.stop(),
    async onStop() {
      for (const end of probes) end();
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
