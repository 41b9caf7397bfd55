import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { common } from "@superbatch/contracts";
import { ClientError, type Logger, Status } from "@superbatch/rpc";
import type { Failure } from "./failure.ts";
import type { Client } from "./optimizer-client.ts";

/** A result. */
export interface Success {
  readonly value: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly stoppedEarly: boolean;
  /** What earlier attempts had spent on the checkpoint that this one went on from, in the study's unit. */
  readonly priorCost: number;
}

/** How an attempt ended. */
export type Report = Success | Failure;

export interface DeliveryOptions {
  readonly client: Pick<Client, "completeTrial" | "failTrial">;
  readonly identity: { readonly trial: string; readonly leaseId: string };
  readonly report: Report;
  /** Of this attempt, in the study's unit. */
  readonly cost: common.Cost | undefined;
  readonly logger: Logger;
  /** Once aborted, no further attempt is made. */
  readonly stopping: AbortSignal;
  /** How long an optimizer that does not answer is waited for. */
  readonly patienceSeconds: number;
  /** Between two attempts. @default 2 */
  readonly pauseSeconds?: number;
}

/**
 * Reports how an attempt ended, again and again with the same request id while the optimizer does not answer: a trial may have cost hours, a restart
 * costs seconds. Never rejects; what cannot be delivered is logged, and the lease runs out.
 *
 * @returns whether the optimizer has it.
 */
export async function deliver(options: DeliveryOptions): Promise<boolean> {
  const { client, identity, report, cost, logger, stopping, patienceSeconds, pauseSeconds = 2 } = options;
  const requestId = randomUUID();
  const send = async (): Promise<void> => {
    if ("kind" in report) {
      await client.failTrial({ ...identity, kind: report.kind, reason: report.reason, cost, requestId });
      logger.info({ kind: report.kind, reason: report.reason }, "trial ended without a result");
    } else {
      const { value, metrics, stoppedEarly, priorCost } = report;
      await client.completeTrial({
        ...identity,
        measurement: { value, metrics, cost, priorCost },
        stoppedEarly,
        requestId,
      });
      logger.info({ value, cost: cost?.total, stoppedEarly }, "trial completed");
    }
  };
  const deadline = performance.now() + patienceSeconds * 1000;
  for (;;) {
    try {
      await send();
      return true;
    } catch (error) {
      const last = !mayPass(error) || stopping.aborted || performance.now() >= deadline;
      logger[last ? "error" : "warn"]({ err: error }, "the end of a trial could not be reported");
      if (last) return false;
      await sleep(pauseSeconds * 1000, undefined, { signal: stopping }).catch(() => {});
    }
  }
}

/** Whether the optimizer could not be reached, as opposed to having refused. */
function mayPass(error: unknown): boolean {
  const passing: readonly Status[] = [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.CANCELLED];
  return error instanceof ClientError && passing.includes(error.code);
}
