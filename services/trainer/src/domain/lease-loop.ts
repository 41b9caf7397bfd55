import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { optimizer } from "@superbatch/contracts";
import type { Logger } from "@superbatch/rpc";
import type { Client } from "./optimizer-client.ts";
import type { TrainingSlot } from "./training-slot.ts";
import { attemptTrial, type TrialAttemptOptions } from "./trial-attempt.ts";

/** Takes trials one after the other for as long as it runs. */
export interface LeaseLoop {
  start(): void;
  /** Gives back what it holds, and ends. Safe to repeat; all callers await the same end. */
  stop(): Promise<void>;
  /** Name of the trial that is being trained, or empty. */
  currentTrial(): string;
}

export interface LeaseLoopOptions {
  readonly client: Client;
  readonly slot: TrainingSlot;
  readonly logger: Logger;
  readonly worker: string;
  readonly study: string;
  readonly heartbeatSeconds: number;
  readonly costPerSecond: number;
  readonly backend: string;
  readonly capabilities: () => Promise<Record<string, string>>;
  /** See {@link TrialAttemptOptions}. */
  readonly forget?: TrialAttemptOptions["forget"];
}

/** Length of a long poll. */
const WAIT_SECONDS = 20;
/** A restarted optimizer is back in seconds, a moved one in minutes. */
const PATIENCE_SECONDS = 300;
/** Pauses after a failed or empty poll. */
const PAUSE_SECONDS = { min: 0.2, max: 5 };

export function createLeaseLoop(options: LeaseLoopOptions): LeaseLoop {
  const { client, slot, logger, worker, study } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let current = "";
  let running: Promise<void> | undefined;

  async function poll(capabilities: Record<string, string>): Promise<optimizer.LeaseTrialsResponse> {
    const request = { study, worker, count: 1, waitSeconds: WAIT_SECONDS, capabilities, requestId: randomUUID() };
    const deadline = new Date(Date.now() + (WAIT_SECONDS + 40) * 1000);
    return client.leaseTrials(request, { signal, deadline });
  }

  async function attempt(lease: optimizer.TrialLease): Promise<void> {
    current = lease.trial!.name;
    try {
      await attemptTrial(lease, { ...options, stopping: signal, patienceSeconds: PATIENCE_SECONDS });
    } finally {
      current = "";
    }
  }

  /** @returns seconds to wait before the next poll. */
  async function round(capabilities: Record<string, string>): Promise<number> {
    await slot.idle();
    const { leases, retryAfterSeconds, reason } = await poll(capabilities);
    for (const lease of leases) await attempt(lease);
    if (leases.length > 0) return 0;
    logger.debug({ reason, retryAfterSeconds }, "no trial");
    return Math.min(PAUSE_SECONDS.max, Math.max(PAUSE_SECONDS.min, retryAfterSeconds));
  }

  async function run(): Promise<void> {
    const capabilities = await options.capabilities();
    let failures = 0;
    while (!signal.aborted) {
      try {
        const pause = await round(capabilities);
        failures = 0;
        if (pause > 0) await sleep(pause * 1000, undefined, { signal });
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        logger.warn({ err: error, failures }, "no trial could be leased");
        const pause = Math.min(PAUSE_SECONDS.max, PAUSE_SECONDS.min * 2 ** failures);
        await sleep(pause * 1000, undefined, { signal }).catch(() => {});
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort(new DOMException("the trainer is stopping", "AbortError"));
      await running;
    },
    currentTrial: () => current,
  };
}
