import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { pointFromProto } from "@superbatch/contracts";
import type { Suggestion } from "./experiment.ts";
import type { OptimizerClient } from "./study.ts";

export interface SuggestOptions {
  readonly client: OptimizerClient;
  readonly study: string;
  readonly count: number;
  /** Stands for this demand: a repeated one gets the same suggestions. Empty: none does. */
  readonly demand: string;
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
}

/** A request that is repeated has to be the same one: each poll waits as long. */
const pollSeconds = 10;

/** Suggestions, at most as many as wanted: fewer if the study has no more, or the time is over. */
export async function suggest(options: SuggestOptions): Promise<{ suggestions: Suggestion[]; reason: string }> {
  const { client, study, count, demand, waitSeconds, signal } = options;
  const end = performance.now() + waitSeconds * 1000;
  const suggestions: Suggestion[] = [];
  for (let poll = 0; ; poll++) {
    const requestId = demand === "" ? randomUUID() : `${demand}-${poll}`;
    const request = { study, worker: "katib", count: count - suggestions.length, waitSeconds: pollSeconds, requestId };
    const { leases, reason, studyCompleted, retryAfterSeconds } = await client.leaseTrials(request, {
      signal,
      deadline: new Date(Date.now() + (pollSeconds + 30) * 1000),
    });
    for (const { trial, leaseId } of leases) {
      suggestions.push({ point: pointFromProto(trial!.parameters), mark: { trial: trial!.name, lease: leaseId } });
    }
    const over = suggestions.length >= count || studyCompleted || performance.now() >= end;
    if (over) return { suggestions, reason };
    if (leases.length === 0) await sleep(Math.min(5, Math.max(0.2, retryAfterSeconds)) * 1000, undefined, { signal });
  }
}
