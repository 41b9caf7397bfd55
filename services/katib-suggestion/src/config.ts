import { clientConfig, serverConfig } from "@superbatch/rpc";
import { z } from "zod";

/** Configuration of the adapter; flags, variables and help derive from it. */
export const config = {
  service: "katib-suggestion",
  description: "Katib's suggestion service (api.v1.beta1): Katib runs the trials, the optimizer chooses them.",
  schema: z.strictObject({
    // Katib's controller calls this port.
    ...serverConfig("127.0.0.1:6789"),
    ...clientConfig("optimizer", "127.0.0.1:7601"),
    project: z.string().default("default").describe("Project of the optimizer in which the experiments' studies are."),
    waitSeconds: z
      .number()
      .min(1)
      .max(300)
      .default(45)
      .describe("How long GetSuggestions waits for suggestions, seconds. Katib's controller gives up after 60."),
  }),
};
