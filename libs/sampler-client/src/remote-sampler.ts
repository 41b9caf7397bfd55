import { randomUUID } from "node:crypto";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Answer,
  checkScores,
  FieldError,
  type HistoryRecords,
  reportOf,
  resolveSpec,
  type Sampler,
  type SessionSpec,
  type Task,
} from "@superbatch/is-sgd";
import { ClientError, type ClientOptions, createClient, Status } from "@superbatch/rpc";
import { createLink, type Link } from "./link.ts";
import { createWorkerMemory } from "./memory.ts";
import { samplerDefinition } from "./stream-codec.ts";
import { reportToProto, specToProto } from "./wire.ts";

/** How to reach a session. */
export interface RemoteSamplerOptions {
  /** What to sample from. Workers of one session give equal specs. */
  readonly spec: SessionSpec;
  /** Addresses `host:port` of the service's replicas, at least one, in the same order for all workers: the next is tried when one fails. */
  readonly addresses: readonly string[];
  /** Session to join, as another worker's {@link RemoteSampler.session} names it. @default a new session, closed with this sampler */
  readonly session?: string;
  /**
   * Token of a session with this spec to continue, whether or not that one still lives, for a worker that has lost everything else. The tasks that
   * were to be reported on at the token come again; a mini-batch that came together with the token does not. Excludes `session`.
   * @default a session from the start
   */
  readonly token?: Uint8Array;
  /** With `token` and the scheme `loss-history`: the losses that {@link Sampler.records} told with it. @default unknown losses fall back to the mean */
  readonly records?: HistoryRecords;
  /** Name of this worker, unique in the session. @default "0" */
  readonly worker?: string;
  /** Positions in `spec.shards` of those that this worker holds. @default all */
  readonly shards?: readonly number[];
  /** Seconds for which a lost service is looked for before an error is thrown, at least 0. @default 60 */
  readonly reconnectSeconds?: number;
  /** Security of the connection and token. @default none */
  readonly client?: ClientOptions;
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

/**
 * Opens or joins a session.
 *
 * @throws {FieldError} if the spec is wrong
 * @throws {ClientError} as the service refuses it (RESOURCE_EXHAUSTED: beyond its limits), or UNAVAILABLE if none answers in time
 */
export async function openRemoteSampler(options: RemoteSamplerOptions): Promise<RemoteSampler> {
  const spec = resolveSpec(options.spec);
  const { addresses, worker = "0", shards = [], reconnectSeconds = 60, signal } = options;
  if (addresses.length === 0) throw new FieldError("addresses", "must hold at least one address");
  // Which replica is tried when is decided here.
  const secured: ClientOptions = { ...options.client, retry: { calls: "none" } };
  const clients = addresses.map((address) => createClient(samplerDefinition, address, secured));
  const protoSpec = specToProto(spec);
  const memory = createWorkerMemory(spec, options.records);
  const queue: Task[] = [];
  let at = 0;
  let last: Task | undefined;
  let status: ReturnType<Sampler["status"]>;
  let token = options.token ?? new Uint8Array(0);
  let link: Link | undefined;
  let links = 0;
  let waited = 0;
  let closing: Promise<void> | undefined;

  /** Runs `action` at one address after the other until it succeeds, the time is over, or it fails in a way that no replica will mend. */
  async function anywhere<T>(action: (handle: (typeof clients)[number]) => Promise<T>): Promise<T> {
    const deadline = performance.now() + reconnectSeconds * 1000;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await action(clients[at]);
      } catch (error) {
        if (!mayPass(error) || performance.now() > deadline) throw error;
        at = (at + 1) % clients.length;
        // All replicas in turn at once, then with growing pauses.
        if ((attempt + 1) % clients.length === 0)
          await sleep(Math.min(1000, 50 * 2 ** (attempt / clients.length)), undefined, signal ? { signal } : {});
      }
    }
  }

  async function openSession(): Promise<string> {
    const requestId = randomUUID();
    const request = { spec: protoSpec, token: Buffer.from(token), requestId };
    const call = signal ? { signal } : {};
    return (await anywhere(({ client }) => client.openSession(request, call))).session;
  }

  function receive(answer: Answer): void {
    // After a replica was rebuilt for a worker that is behind, answers that are known come again.
    if (answer.status.rounds >= (status?.rounds ?? 0)) {
      status = answer.status;
      token = answer.token;
      memory.answered(status);
    }
    queue.push(...memory.tasksSeen(answer.tasks));
  }

  async function connect(session: string): Promise<void> {
    let withHistory = false;
    await anywhere(async (handle) => {
      const opened = createLink(handle, signal);
      const start = {
        session,
        worker,
        shards: [...shards],
        spec: protoSpec,
        token: Buffer.from(token),
        reports: memory.reports().map(reportToProto),
      };
      try {
        receive(await opened.start(start, withHistory ? memory.records() : undefined));
        link = opened;
        links++;
      } catch (error) {
        opened.abandon();
        if (!(error instanceof ClientError && error.code === Status.NOT_FOUND && !withHistory)) throw error;
        // Only a session with recorded losses is refused so: it is to be rebuilt from ours.
        withHistory = true;
        throw new ClientError(error.path, Status.UNAVAILABLE, error.details);
      }
    });
  }

  async function nextAnswer(session: string): Promise<void> {
    const started = performance.now();
    try {
      if (!link) return await connect(session);
      receive(await link.next());
    } catch (error) {
      link?.abandon();
      link = undefined;
      // The same replica is tried first: where only this connection broke, the other workers are still there.
      const forgotten = error instanceof ClientError && error.code === Status.NOT_FOUND;
      if (!mayPass(error) && !forgotten) throw error;
    } finally {
      waited += performance.now() - started;
    }
  }

  const session = options.session ?? (await openSession());
  return {
    session,
    async next(scores) {
      if (closing) throw new Error("the sampler is closed");
      const report = reportOf(last, scores);
      if (report && last) {
        const values = new Float32Array(report.scores);
        if (values.length !== last.indices.length && !(last.scores === "optional" && values.length === 0))
          throw new FieldError(
            "scores",
            `must hold ${last.indices.length} values, one for each index, not ${values.length}`,
          );
        checkScores(values);
        const sent = { ...report, scores: values };
        memory.reported(last, sent);
        link?.send(sent);
      }
      last = undefined;
      while (queue.length === 0) await nextAnswer(session);
      last = queue.shift()!;
      return last;
    },
    upcoming: () => queue[0],
    status: () => status,
    token: () => (token.length > 0 ? token : undefined),
    records: () => (spec.scheme === "loss-history" ? memory.records() : undefined),
    reconnects: () => Math.max(0, links - 1),
    waitingSeconds: () => waited / 1000,
    close() {
      closing ??= (async () => {
        await link?.leave();
        if (!options.session) await clients[at].client.closeSession({ session }).catch(() => {});
        for (const client of clients) client.close();
      })();
      return closing;
    },
  };
}

/** Whether another replica, or this one later, may answer. What the service refused for cause, it would refuse again. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  const passing = [Status.UNAVAILABLE, Status.CANCELLED, Status.INTERNAL, Status.UNKNOWN];
  return passing.includes(error.code);
}
