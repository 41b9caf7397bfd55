import {
  type Answer,
  createSession,
  type Delivery,
  type HistoryRecords,
  type Report,
  resolveSpec,
  restoreSession,
  roundsOfToken,
  type SamplerSession,
  type SessionSpec,
  type Task,
} from "@superbatch/is-sgd";

/** Where a worker's answers go. */
export interface Outlet {
  push(answer: Answer): void;
  fail(error: unknown): void;
}

/** How a worker presents itself. */
export interface Arrival {
  readonly worker: string;
  readonly shards: readonly number[];
  /** Of the last answer that it has; empty: none. */
  readonly token: Uint8Array;
  /** Its latest reports, oldest first. */
  readonly reports: readonly Report[];
  /** What it recorded for the loss history; absent: it did not say. */
  readonly records?: readonly HistoryRecords[];
}

/** Time and timers, so that tests need not wait. */
export interface Clock {
  /** Seconds, from any origin, never running backward. */
  now(): number;
  /** Runs `action` once after `seconds`; the result calls it off. */
  after(seconds: number, action: () => void): () => void;
  /** Runs `action` once when what is under way has been sent. */
  soon(action: () => void): void;
}

/**
 * A session with its workers' streams: hands answers to them, keeps a lost worker's place for a grace period, and after it was rebuilt from a token
 * brings workers together that had come to know different rounds.
 *
 * A rebuilt session starts at the token of the first worker that comes. If another one comes that is a round behind (its answer was lost with the
 * replica), the session goes back to that one's token; the reports that all workers keep of their latest rounds bring it forward again.
 */
export interface LiveSession {
  readonly name: string;
  readonly session: SamplerSession;
  /** Whether the session waits for a worker's loss records before it can go on exactly. */
  needsRecords(arrival: Arrival): boolean;
  /** Joins a worker or brings it back. Its earlier stream, if any, fails with `superseded`. @throws {FieldError} */
  attach(arrival: Arrival, outlet: Outlet, superseded: unknown): void;
  /** @throws {FieldError} The session is then as it was. */
  report(worker: string, report: Report): void;
  /** The worker has left for good. */
  leave(worker: string, outlet: Outlet): void;
  /** The worker's stream broke: it is taken out unless it comes back within the grace period. */
  detach(worker: string, outlet: Outlet): void;
  /** Fails all streams, each with an error of its own. */
  end(error: (worker: string) => unknown): void;
  readonly attached: number;
  /** Seconds that rounds waited for reports, summed. */
  waitingSeconds(): number;
  /** When something last happened, by the clock. */
  lastUse(): number;
}

export interface LiveSessionOptions {
  readonly name: string;
  readonly spec: SessionSpec;
  /** Empty: from the start. */
  readonly token: Uint8Array;
  /** How long a lost worker's place is kept, seconds. */
  readonly graceSeconds: number;
  readonly clock: Clock;
}

/** @throws {FieldError} if spec or token are wrong */
export function createLiveSession(options: LiveSessionOptions): LiveSession {
  const { name, spec, graceSeconds, clock } = options;
  const resolved = resolveSpec(spec);
  const outlets = new Map<string, Outlet>();
  const attachedShards = new Map<string, readonly number[]>();
  const timers = new Map<string, () => void>();
  /** Mini-batches drawn from super-batches, which no longer await a report but may not have reached their worker. */
  const delivered = new Map<string, Task[]>();
  let session = options.token.length > 0 ? restore(options.token, []) : createSession(spec);
  let lastUse = clock.now();
  let handedOut = clock.now();
  let waiting = 0;
  /** Of a rebuilt session, until its first round is complete. */
  let rebuilt =
    options.token.length > 0
      ? {
          rounds: session.status().rounds,
          records: [] as HistoryRecords[],
          reports: new Map<string, readonly Report[]>(),
        }
      : undefined;
  for (const { worker } of session.members()) keepPlace(worker);

  function restore(token: Uint8Array, records: readonly HistoryRecords[]): SamplerSession {
    return restoreSession(spec, token, records.length > 0 ? joined(records) : undefined);
  }

  const isMember = (worker: string) => session.members().some((member) => member.worker === worker);

  /** Takes the worker out unless it comes within the grace period. */
  function keepPlace(worker: string): void {
    timers.get(worker)?.();
    const off = clock.after(graceSeconds, () => {
      timers.delete(worker);
      if (!outlets.has(worker)) deliver(session.leave(worker));
    });
    timers.set(worker, off);
  }

  function deliver(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0) return;
    waiting += clock.now() - handedOut;
    handedOut = clock.now();
    for (const { worker, answer } of deliveries) hand(worker, answer);
    clock.soon(() => session.prepare());
    if (!rebuilt) return;
    const { reports } = rebuilt;
    if (session.status().rounds > rebuilt.rounds) rebuilt = undefined;
    for (const [worker, kept] of reports) offer(worker, kept);
  }

  function hand(worker: string, answer: Answer): void {
    const oldest = answer.status.rounds - 1 - resolved.prefetch;
    const kept = (delivered.get(worker) ?? []).filter(({ round }) => round >= oldest);
    delivered.set(worker, [...kept, ...answer.tasks.filter(({ scores }) => scores === "none")]);
    outlets.get(worker)?.push(answer);
  }

  /** Takes those of a worker's kept reports that the session awaits. */
  function offer(worker: string, reports: readonly Report[]): void {
    for (const report of reports) {
      const [next] = session.outstanding(worker);
      if (next && next.round === report.round && next.part === report.part) deliver(session.report(worker, report));
    }
  }

  /** What a worker may lack: recent mini-batches and all that awaits its report. */
  function openTasks(worker: string): Task[] {
    return [...(delivered.get(worker) ?? []), ...session.outstanding(worker)];
  }

  return {
    name,
    get session() {
      return session;
    },
    needsRecords: (arrival) =>
      resolved.scheme === "loss-history" && rebuilt !== undefined && arrival.token.length > 0 && !arrival.records,
    attach(arrival, outlet, superseded) {
      const { worker, shards, token, reports, records = [] } = arrival;
      lastUse = clock.now();
      if (rebuilt) {
        rebuilt.records.push(...records);
        const behind = token.length > 0 && roundsOfToken(resolved, token) < rebuilt.rounds;
        const start = behind ? token : session.token();
        if (behind || records.length > 0) session = restore(start, rebuilt.records);
        // Who joined since the rebuilding is not in the token.
        for (const [other, held] of attachedShards)
          if (other !== worker && !isMember(other)) deliver(session.join({ worker: other, shards: held }));
        rebuilt.rounds = session.status().rounds;
        rebuilt.reports.set(worker, reports);
      }
      const known = isMember(worker);
      const joining = known ? [] : session.join({ worker, shards });
      outlets.get(worker)?.fail(superseded);
      outlets.set(worker, outlet);
      attachedShards.set(worker, shards);
      timers.get(worker)?.();
      timers.delete(worker);
      // A worker that was known gets what it may lack; a new one that has to wait gets an answer without tasks, so that it knows the token.
      if (!joining.some((delivery) => delivery.worker === worker)) {
        outlet.push({ tasks: openTasks(worker), status: session.status(), token: session.token() });
      }
      deliver(joining);
      if (rebuilt) for (const [other, kept] of rebuilt.reports) offer(other, kept);
      else offer(worker, reports);
    },
    report(worker, report) {
      lastUse = clock.now();
      const deliveries = session.report(worker, report);
      // A worker that is further behind may yet come, and the session go back for it.
      if (rebuilt) rebuilt.reports.set(worker, [...(rebuilt.reports.get(worker) ?? []), report]);
      deliver(deliveries);
    },
    leave(worker, outlet) {
      if (outlets.get(worker) !== outlet) return;
      outlets.delete(worker);
      attachedShards.delete(worker);
      delivered.delete(worker);
      deliver(session.leave(worker));
    },
    detach(worker, outlet) {
      if (outlets.get(worker) !== outlet) return;
      outlets.delete(worker);
      attachedShards.delete(worker);
      keepPlace(worker);
    },
    end(error) {
      for (const off of timers.values()) off();
      timers.clear();
      for (const [worker, outlet] of outlets) outlet.fail(error(worker));
      outlets.clear();
    },
    get attached() {
      return outlets.size;
    },
    waitingSeconds: () => waiting,
    lastUse: () => lastUse,
  };
}

function joined(records: readonly HistoryRecords[]): HistoryRecords {
  if (records.length === 1) return records[0];
  const size = records.reduce((sum, { indices }) => sum + indices.length, 0);
  const all = { indices: new Uint32Array(size), losses: new Float32Array(size), steps: new Uint32Array(size) };
  let offset = 0;
  for (const { indices, losses, steps } of records) {
    all.indices.set(indices, offset);
    all.losses.set(losses, offset);
    all.steps.set(steps, offset);
    offset += indices.length;
  }
  return all;
}
