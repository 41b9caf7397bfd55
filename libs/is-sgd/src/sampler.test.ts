import { expect, it } from "vitest";
import { createLocalSampler } from "./sampler.ts";
import { samplerContract } from "./testing/sampler-contract.ts";

samplerContract("in process", async (spec, token) => createLocalSampler(spec, token));

it("a closed sampler refuses to go on", async () => {
  const sampler = createLocalSampler({ examples: 10, batchSize: 2 });
  await sampler.close();
  await sampler.close();
  await expect(sampler.next()).rejects.toThrow("closed");
});
