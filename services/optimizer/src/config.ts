import { type ConfigDefinition, clientConfig, serverConfig } from "@superbatch/rpc";
import { z } from "zod";

const schema = z.strictObject({
  ...serverConfig("127.0.0.1:7601"),
  ...clientConfig("surrogate", "127.0.0.1:7602"),
  store: z
    .string()
    .default("sqlite:superbatch.sqlite")
    .describe(
      "Where studies and trials are kept: sqlite:PATH, a file that is created if missing, or postgres://HOST/DATABASE, " +
        "which several replicas may share.",
    ),
});

export type OptimizerConfig = z.output<typeof schema>;

export const optimizerConfig: ConfigDefinition<typeof schema> = {
  service: "optimizer",
  description: "Owns studies and trials, chooses which configuration to try next, and leases trials to trainers.",
  schema,
};
