import { type ConfigDefinition, clientConfig, serverConfig } from "@superbatch/rpc";
import { spaceLimits } from "@superbatch/search-space";
import { z } from "zod";
import { defaultLimits } from "./domain/limits.ts";

const schema = z.strictObject({
  ...serverConfig("127.0.0.1:7601"),
  ...clientConfig("surrogate", "127.0.0.1:7602"),
  surrogates: z
    .string()
    .default("")
    .refine(
      (text) => text === "" || text.split(",").every((entry) => /^[a-z][a-z0-9-]*=[^=,]+:\d+$/.test(entry.trim())),
      {
        error: "must be NAME=HOST:PORT, several of them with commas between; a name has small letters, digits and -",
      },
    )
    .describe(
      "More surrogates that studies can choose by name: NAME=HOST:PORT, with commas between. They are reached with the same authority, " +
        "certificate and token as the surrogate.",
    ),
  surrogateAddresses: z
    .enum(["loopback", "any", "none"])
    .default("loopback")
    .describe("Whether studies may also choose a surrogate by HOST:PORT: only of this machine, any, or none."),
  store: z
    .string()
    .default("sqlite:superbatch.sqlite")
    .describe(
      "Where studies and trials are kept: sqlite:PATH, a file that is created if missing, or postgres://HOST/DATABASE, " +
        "which several replicas may share.",
    ),
  maxStudies: z.number().int().min(1).max(1_000_000).default(defaultLimits.studies).describe("Studies of one project."),
  maxParameters: z
    .number()
    .int()
    .min(1)
    .max(spaceLimits.parameters)
    .default(defaultLimits.parameters)
    .describe("Parameters of one study."),
  maxTrials: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .default(defaultLimits.trials)
    .describe("Trials of one study, those of every state."),
});

export type OptimizerConfig = z.output<typeof schema>;

export const optimizerConfig: ConfigDefinition<typeof schema> = {
  service: "optimizer",
  description: "Owns studies and trials, chooses which configuration to try next, and leases trials to trainers.",
  schema,
};
