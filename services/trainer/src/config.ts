import { clientConfig, serverConfig } from "@superbatch/rpc";
import { z } from "zod";

/** The trainer's configuration; flags, variables and help derive from it. */
export const config = {
  service: "trainer",
  description:
    "Leases trials from an optimizer and trains them by importance-sampled SGD. With `describe` as its first argument it tells instead what it can train, and on what.",
  schema: z.strictObject({
    ...serverConfig("127.0.0.1:7604"),
    ...clientConfig("optimizer", "127.0.0.1:7601"),
    ...clientConfig("sampler", "127.0.0.1:7603"),
    worker: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe("Name of this trainer, unique among all. Default: host and process id."),
    study: z
      .string()
      .default("projects/default/studies/-")
      .describe('Study to work for; "-" as its id: any study whose requirements this trainer meets.'),
    lease: z.boolean().default(true).describe("Lease trials. Off: only Train calls are served."),
    backend: z
      .enum(["auto", "tensorflow", "webgpu", "wasm"])
      .default("auto")
      .describe("What computes: auto takes the best that runs here."),
    dataDir: z
      .string()
      .optional()
      .describe("Folder with data sets, or with one data set's files. Default: the variable SUPERBATCH_DATA_DIR."),
    cacheDir: z
      .string()
      .optional()
      .describe("Folder that keeps downloaded data sets. Default: .cache/superbatch in the home folder."),
    download: z.boolean().default(true).describe("Download a data set that is not found."),
    workload: z
      .array(z.string())
      .default([])
      .describe(
        "Module whose default export is a workload made by defineWorkload, or a list of them. May be repeated.",
      ),
    checkpointDir: z
      .string()
      .optional()
      .describe(
        "Folder of checkpoints, or s3://BUCKET/PREFIX, shared by all trainers: a trial whose trainer is lost goes on from there. Default: none are made.",
      ),
    checkpointSeconds: z
      .number()
      .min(0)
      .max(86_400)
      .default(30)
      .describe("Seconds between two checkpoints of a trial."),
    heartbeatSeconds: z
      .number()
      .min(0.1)
      .max(3_600)
      .default(5)
      .describe("Seconds between heartbeats; at most a quarter of the lease is used."),
    costPerSecond: z
      .number()
      .positive()
      .default(1)
      .describe("Cost of one second of this trainer in the studies' unit. 1 for studies that count seconds."),
  }),
};

export type TrainerConfig = z.output<(typeof config)["schema"]>;
