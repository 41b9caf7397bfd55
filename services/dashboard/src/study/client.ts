import type { optimizer } from "@superbatch/contracts";
import type { ClientHandle } from "@superbatch/rpc";
import type { StudyReader } from "@superbatch/study-views";
import { type CallOptions, Metadata } from "nice-grpc-common";

export type OptimizerServiceClient = ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

/** Call options that carry a caller's bearer token. */
export function withToken(token: string | undefined): Pick<CallOptions, "metadata"> {
  return token === undefined ? {} : { metadata: Metadata({ authorization: `Bearer ${token}` }) };
}

/** What views read, in the caller's name. */
export function readerFor(client: OptimizerServiceClient, token: string | undefined): StudyReader {
  const options = withToken(token);
  return {
    getTrial: (request, { signal }) => client.getTrial(request, { ...options, ...(signal && { signal }) }),
    getRecommendation: (request, { signal }) =>
      client.getRecommendation(request, { ...options, ...(signal && { signal }) }),
    queryPosterior: (request, { signal }) => client.queryPosterior(request, { ...options, ...(signal && { signal }) }),
  };
}
