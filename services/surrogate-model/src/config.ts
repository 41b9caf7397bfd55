import { serverConfig } from "@superbatch/rpc";
import { z } from "zod";
import { modelNames } from "./domain/models/kinds.ts";

/** All that can be configured. */
export const surrogateConfig = {
  service: "surrogate-model",
  description: "fits models of objective and cost, and answers with their posteriors.",
  schema: z.strictObject({
    ...serverConfig("127.0.0.1:7602"),
    model: z
      .enum(modelNames)
      .default("exact-gp")
      .describe(
        "What is fitted: exact-gp, Gaussian processes; random-forest, for many observations and many categories; " +
          "neural-linear, Bayesian linear regression on features of neural networks.",
      ),
    threads: z
      .number()
      .int()
      .min(0)
      .max(256)
      .default(0)
      .describe("Threads that fit and evaluate models; 0: one per core, at least 2 and at most 8."),
    cacheMebibytes: z
      .number()
      .int()
      .min(1)
      .max(1_048_576)
      .default(512)
      .describe(
        "Memory for fitted models, MiB. The least recently used ones are forgotten; the optimizer then fits again.",
      ),
    maxObservations: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe("Most observations that a fit accepts. Above 2,000 an exact-gp uses a subset, and says so."),
    samples: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe(
        "Samples of the hyperparameters (neural-linear: networks) that a model averages over when the request does not say. " +
          "0: an exact-gp 10, and 5 where they are inferred from more than 500 observations; neural-linear 5.",
      ),
  }),
};
