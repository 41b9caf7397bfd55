import type { optimizer } from "@superbatch/contracts";
import type { createClient } from "@superbatch/rpc";

/** The optimizer as a trainer calls it. */
export type Client = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];
