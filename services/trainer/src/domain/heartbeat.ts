import { randomUUID } from "node:crypto";
import { optimizer } from "@superbatch/contracts";
import type { Client } from "./optimizer-client.ts";

/** What a trainer says while it holds a lease. */
export interface Heartbeat {
  /** Queues a point of the learning curve and sends it soon. */
  add(point: optimizer.ProgressPoint): void;
  /** Cost so far, sent with the next message. */
  spent(cost: optimizer.ProgressPoint["cost"]): void;
  /** No more messages; resolves when none is on its way, which one that hangs is given a second for. */
  stop(): Promise<void>;
}

export interface HeartbeatOptions {
  readonly client: Pick<Client, "reportProgress">;
  readonly trial: string;
  readonly leaseId: string;
  /** Between two messages. */
  readonly seconds: number;
  /** For each message: one that hangs must not hold up the next ones. */
  readonly deadlineSeconds: number;
  /** Called once, when the optimizer asks for the best so far. */
  readonly onStopEarly: (reason: string) => void;
  /** Called once, when the lease is lost or the trial is gone. */
  readonly onCancel: (reason: string) => void;
  /** A message could not be delivered. The training goes on: its result may still be taken, and the next message may come through. */
  readonly onError: (error: unknown) => void;
}

/** Sends a message at once, then at regular times and whenever there is a new point; one at a time. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { client, trial, leaseId, seconds, deadlineSeconds, onStopEarly, onCancel, onError } = options;
  let waiting: optimizer.ProgressPoint[] = [];
  let cost: optimizer.ProgressPoint["cost"];
  let sending: Promise<void> | undefined;
  let again = false;
  let over = false;
  const stopping = new AbortController();

  async function send(): Promise<void> {
    const points = waiting;
    waiting = [];
    try {
      const requestId = randomUUID();
      const deadline = new Date(Date.now() + deadlineSeconds * 1000);
      const message = { trial, leaseId, points, cost, requestId };
      const { command, reason } = await client.reportProgress(message, { deadline, signal: stopping.signal });
      if (over) return;
      if (command === optimizer.Command.STOP_EARLY) onStopEarly(reason);
      if (command === optimizer.Command.CANCEL) onCancel(reason);
    } catch (error) {
      if (over) return;
      waiting = [...points, ...waiting];
      onError(error);
    }
  }

  function beat(): void {
    if (over) return;
    if (sending) {
      again = true;
      return;
    }
    sending = send().finally(() => {
      sending = undefined;
      // Only for points that came meanwhile: what failed waits for the timer.
      if (again) beat();
    });
    again = false;
  }

  const timer = setInterval(beat, seconds * 1000);
  beat();
  return {
    add(point) {
      waiting.push(point);
      beat();
    },
    spent(now) {
      cost = now;
    },
    async stop() {
      over = true;
      clearInterval(timer);
      const grace = setTimeout(() => stopping.abort(), 1000);
      await sending;
      clearTimeout(grace);
    },
  };
}
