import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { optimizer } from "@superbatch/contracts";
import { isAbortError } from "@superbatch/rpc";
import { requestId } from "../arguments.ts";
import { type AttemptOptions, runAttempt } from "./attempt.ts";
import type { AttemptResult } from "./attempt-record.ts";
import { mayPass } from "./deliver.ts";

export interface WorkOptions extends AttemptOptions {
  /** Trials at once, at least 1. */
  readonly parallel: number;
  /** Largest number of trials to evaluate. */
  readonly trials?: number;
  readonly worker?: string;
  readonly capabilities: Readonly<Record<string, string>>;
  readonly onEnded: (trial: optimizer.Trial, result: AttemptResult) => void;
}

/** Seconds of one long poll. */
const pollSeconds = 20;

/** Leases trials and evaluates them until the study is completed, the number of trials is reached, or the signal is aborted. */
export async function work(options: WorkOptions): Promise<void> {
  const { parallel, trials = Number.POSITIVE_INFINITY, worker = `exec-${hostname()}-${process.pid}`, note } = options;
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  let left = trials;
  let reason = "";

  async function lease(name: string): Promise<optimizer.TrialLease | "over" | "none"> {
    const request = {
      study: options.study.name,
      worker: name,
      waitSeconds: pollSeconds,
      capabilities: { ...options.capabilities },
      requestId: requestId(),
    };
    try {
      const deadline = new Date(Date.now() + (pollSeconds + 60) * 1000);
      const response = await options.client.leaseTrials(request, { signal, deadline });
      if (response.leases.length > 0) return response.leases[0]!;
      if (response.studyCompleted) return "over";
      if (response.reason !== reason) note(`Waiting for a trial: ${response.reason}`);
      reason = response.reason;
      await sleep(response.retryAfterSeconds * 1000, undefined, { signal });
    } catch (error) {
      if (isAbortError(error)) return "over";
      if (!mayPass(error)) throw error;
      note("The optimizer is away; trying again.");
      await sleep(2000, undefined, { signal }).catch(() => {});
    }
    return "none";
  }

  async function slot(name: string): Promise<void> {
    while (left > 0 && !signal.aborted) {
      left--;
      const leased = await lease(name);
      if (leased === "over") return;
      if (leased === "none") left++;
      else options.onEnded(leased.trial!, await runAttempt(leased, { ...options, signal }));
    }
  }

  const slots = Array.from({ length: parallel }, (_, i) => slot(parallel === 1 ? worker : `${worker}-${i + 1}`));
  try {
    await Promise.all(slots);
  } catch (error) {
    // The others give back what they hold before the mistake is told.
    failed.abort();
    await Promise.allSettled(slots);
    throw error;
  }
}
