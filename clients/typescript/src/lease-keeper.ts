import { randomUUID } from "node:crypto";
import { type common, optimizer } from "@superbatch/contracts";
import { Status, statusOf } from "@superbatch/rpc";
import type { Api } from "./client.ts";
import { StopEarly, TrialCancelled } from "./signals.ts";

/** A point of a learning curve. */
interface Point {
  readonly step: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly cost: Partial<common.Cost>;
}

/** Keeps a lease by heartbeats, and carries the learning curve. One message at a time: points arrive in order, and nothing follows the end. */
export interface LeaseKeeper {
  /** Aborted, with the optimizer's command as its reason, when the trial shall stop. */
  readonly signal: AbortSignal;
  /** Sends a point with those that could not be delivered; of the same step the last one counts. Rejects if it is refused, not if the optimizer is away. */
  report(point: Point): Promise<void>;
  /** Runs an action while no message is on its way. */
  exclusively<Outcome>(action: () => Promise<Outcome>): Promise<Outcome>;
  /** No more heartbeats. */
  stop(): void;
}

export function startLeaseKeeper(api: Api, { trial, leaseId, leaseSeconds }: optimizer.TrialLease): LeaseKeeper {
  const told = new AbortController();
  const milliseconds = (leaseSeconds / 4) * 1000;
  const points = new Map<number, Point>();
  let tail: Promise<unknown> = Promise.resolve();

  const exclusively = <Outcome>(action: () => Promise<Outcome>): Promise<Outcome> => {
    const turn = tail.then(action);
    tail = turn.catch(() => {});
    return turn;
  };
  async function send(): Promise<void> {
    const sent = [...points.values()].sort((a, b) => a.step - b.step);
    const request = { trial: trial!.name, leaseId, points: sent, requestId: randomUUID() };
    try {
      const deadline = new Date(Date.now() + Math.max(1000, milliseconds));
      const { command, reason } = await api.reportProgress(request, { deadline });
      if (command === optimizer.Command.STOP_EARLY) told.abort(new StopEarly(reason));
      if (command === optimizer.Command.CANCEL) told.abort(new TrialCancelled(reason));
    } catch (error) {
      if ([Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED].includes(statusOf(error)!)) return;
      // What is refused now would be refused again.
      points.clear();
      throw error;
    }
    points.clear();
  }
  // What a heartbeat is refused is refused again, and told, at the next report.
  const timer = setInterval(() => {
    if (!told.signal.aborted) exclusively(send).catch(() => {});
  }, milliseconds);

  return {
    signal: told.signal,
    report: (point) =>
      exclusively(() => {
        points.set(point.step, point);
        return send();
      }),
    exclusively,
    stop: () => clearInterval(timer),
  };
}
