import { type Channel, createChannel, createClientFactory } from "nice-grpc";
import { errorDetailsClientMiddleware } from "nice-grpc-error-details";
import { afterAll, beforeAll, describe, it } from "vitest";
import { SurrogateServiceDefinition } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { type SurrogateClient, surrogateCheckGroups, surrogateChecks } from "../surrogate-suite/index.ts";

/**
 * Registers the contract suite of surrogates with vitest, a test for each check; `superbatch surrogate check ADDRESS` runs the same ones.
 *
 * @param address - HOST:PORT of a running server, without TLS; asked for once, before the tests.
 */
export function surrogateContract(address: () => string | Promise<string>): void {
  let channel: Channel;
  let client: SurrogateClient;
  beforeAll(async () => {
    channel = createChannel(await address());
    client = createClientFactory().use(errorDetailsClientMiddleware).create(SurrogateServiceDefinition, channel);
  });
  afterAll(() => channel.close());

  describe.each([...surrogateCheckGroups])("contract: %s", (wanted) => {
    it.each(surrogateChecks.filter(({ group }) => group === wanted))("$name", ({ run }) =>
      run({ client, patienceSeconds: 60 }),
    );
  });
}
