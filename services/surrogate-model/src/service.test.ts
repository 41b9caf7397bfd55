import { surrogateContract } from "@superbatch/contracts/testing";
import { startTestService, type TestService } from "@superbatch/rpc/testing";
import { afterAll, describe } from "vitest";
import { createSurrogate } from "./domain/surrogate.ts";
import { createSurrogateService } from "./service.ts";

let service: TestService;

async function start(): Promise<string> {
  const surrogate = createSurrogate({ threads: 2, cacheBytes: 64 * 2 ** 20, onThreadLost: () => {} });
  const options = { version: "test", maxObservations: 5000, defaultSamples: 5, maxMessageBytes: 64 * 2 ** 20 };
  const entry = createSurrogateService({ surrogate, ...options });
  service = await startTestService([entry], { onStop: () => surrogate.close() });
  return service.address;
}

describe("surrogate service", () => {
  surrogateContract(start);
  afterAll(() => service.stop());
});
