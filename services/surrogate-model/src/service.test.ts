import { surrogateContract } from "@superbatch/contracts/testing";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import { afterAll, describe } from "vitest";
import { modelKinds, modelNames } from "./domain/models/kinds.ts";
import { createSurrogate } from "./domain/surrogate.ts";
import { createSurrogateService } from "./service.ts";

describe.each(modelNames)("surrogate service with %s", (modelKind) => {
  let service: TestService;
  surrogateContract(async () => {
    const surrogate = createSurrogate({ modelKind, threads: 2, cacheBytes: 64 * 2 ** 20, onThreadLost: () => {} });
    const options = { version: "test", maxObservations: 5000, defaultSamples: 5, maxMessageBytes: 64 * 2 ** 20 };
    const entry = createSurrogateService({ surrogate, model: modelKinds[modelKind], ...options });
    service = await startTestService([entry], { onStop: () => surrogate.close() });
    return service.address;
  });
  afterAll(() => service.stop());
});
