import { randomUUID } from "node:crypto";
import { sampler as contract } from "@superbatch/contracts";
import { resolveSpec, type Sampler, type SessionSpec } from "@superbatch/is-sgd";
import { type ClientOptions, createClient } from "@superbatch/rpc";
import { openRemoteSampler, specToProto } from "@superbatch/sampler-client";

export interface SamplerConnectionOptions {
  readonly spec: SessionSpec;
  /** Of a session with this spec that shall be continued, whether or not it still lives. Absent: a new session. */
  readonly token?: Uint8Array | undefined;
  readonly address: string;
  readonly client: ClientOptions;
  readonly signal: AbortSignal;
}

/** Opens a session of the importance-sampler service, or another one that goes on where an earlier one was. Closing the sampler closes the session. */
export async function connectSampler(options: SamplerConnectionOptions): Promise<Sampler> {
  const { spec, token, address, client: clientOptions, signal } = options;
  const remote = { spec, signal, addresses: [address], client: clientOptions };
  if (!token) return openRemoteSampler(remote);
  const { client, close } = createClient(contract.SamplerServiceDefinition, address, clientOptions);
  const request = { spec: specToProto(resolveSpec(spec)), token: Buffer.from(token), requestId: randomUUID() };
  const { session } = await client.openSession(request, { signal });
  const sampler = await openRemoteSampler({ ...remote, session });
  return {
    ...sampler,
    async close() {
      await sampler.close();
      // What cannot be closed expires.
      await client.closeSession({ session }).catch(() => {});
      close();
    },
  };
}
