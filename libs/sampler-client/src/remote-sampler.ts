import type { Sampler, SessionSpec } from "@superbatch/is-sgd";

/** How to reach a session. */
export interface RemoteSamplerOptions {
  /** What to sample from. Workers of one session give equal specs. */
  readonly spec: SessionSpec;
  /** Addresses `host:port` of the service's replicas, at least one: the next is tried when one fails. */
  readonly addresses: readonly string[];
  /** Session to join, as another worker's {@link RemoteSampler.session} names it. @default a new session */
  readonly session?: string;
  /** Name of this worker, unique in the session. @default "0" */
  readonly worker?: string;
  /** Positions in `spec.shards` of those that this worker holds. @default all */
  readonly shards?: readonly number[];
  /** Seconds for which a lost service is looked for before an error is thrown, at least 0. @default 60 */
  readonly reconnectSeconds?: number;
  /** Ends waiting calls with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * A sampler whose session lives in the importance-sampler service. One round trip per step; with `spec.prefetch` = 1 it overlaps with scoring.
 *
 * When its connection breaks it goes on at the next address by the last token: the sequence of indices is the one that would have come undisturbed.
 */
export interface RemoteSampler extends Sampler {
  /** Name of the session, for other workers to join. */
  readonly session: string;
  /** Number of times that the connection was made anew. */
  reconnects(): number;
  /** Seconds spent waiting for the service so far. */
  waitingSeconds(): number;
}

/** Opens or joins a session. @throws {ClientError} as the service refuses it, INVALID_ARGUMENT naming the spec's field */
export type OpenRemoteSampler = (options: RemoteSamplerOptions) => Promise<RemoteSampler>;
