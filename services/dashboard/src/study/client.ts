import type { optimizer } from "@superbatch/contracts";
import type { ClientHandle } from "@superbatch/rpc";
import { type CallOptions, Metadata } from "nice-grpc-common";

export type OptimizerServiceClient = ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

/** Call options that carry a caller's bearer token. */
export function withToken(token: string | undefined): Pick<CallOptions, "metadata"> {
  return token === undefined ? {} : { metadata: Metadata({ authorization: `Bearer ${token}` }) };
}
