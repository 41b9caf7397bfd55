import { serverConfig } from "@superbatch/rpc";
import { z } from "zod";

/** The importance sampler's configuration; flags, variables and help derive from it. */
export const config = {
  service: "importance-sampler",
  description: "Chooses the examples of each gradient step by importance, for any training loop.",
  schema: z.strictObject({
    ...serverConfig("127.0.0.1:7603"),
    maxSessions: z.number().int().min(1).max(1_000_000).default(10_000).describe("Sessions in all."),
    maxSessionsPerTenant: z.number().int().min(1).max(1_000_000).default(1_000).describe("Sessions of one tenant."),
    maxExamples: z
      .number()
      .int()
      .min(1)
      .max(2 ** 32 - 1)
      .default(2 ** 32 - 1)
      .describe("Largest data set of a session, examples."),
    maxSuperBatchSize: z
      .number()
      .int()
      .min(1)
      .max(2 ** 24)
      .default(2 ** 20)
      .describe("Largest super-batch of a session, examples."),
    maxHistoryExamplesPerTenant: z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(100_000_000)
      .describe("Examples in all of a tenant's sessions with loss history, up to 12 bytes of memory each."),
    idleSeconds: z
      .number()
      .min(1)
      .max(30 * 86_400)
      .default(3_600)
      .describe("After how long without a message a session is removed; its token still continues it. Seconds."),
    workerGraceSeconds: z
      .number()
      .min(0)
      .max(3_600)
      .default(15)
      .describe("How long a worker whose stream broke keeps its place in the session, seconds."),
  }),
};
