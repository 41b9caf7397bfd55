import { setTimeout as sleep } from "node:timers/promises";
import { optimizer } from "@superbatch/contracts";
import { Status, statusOf } from "@superbatch/rpc";
import { requestId } from "../arguments.ts";
import type { OptimizerClient } from "../context.ts";
import type { AttemptResult } from "./attempt-record.ts";

const passing: readonly (Status | undefined)[] = [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED, Status.CANCELLED];

/** Whether a failed call says only that the optimizer is away. */
export function mayPass(error: unknown): boolean {
  return passing.includes(statusOf(error));
}

/** Brings a result to the optimizer, however long that is away: a result is worth more than a wait. @returns the result. */
export async function deliver(
  client: OptimizerClient,
  lease: optimizer.TrialLease,
  result: AttemptResult,
  note: (text: string) => void,
): Promise<AttemptResult> {
  if (result.kind === "cancelled") return result;
  const id = requestId();
  for (let tries = 1; ; tries++) {
    try {
      await send(client, lease, result, id);
      return result;
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (tries === 1) note(`The optimizer is away; the result of trial ${lease.trial!.number} waits for it.`);
      await sleep(2000);
    }
  }
}

async function send(
  client: OptimizerClient,
  { trial, leaseId }: optimizer.TrialLease,
  result: Exclude<AttemptResult, { readonly kind: "cancelled" }>,
  id: string,
): Promise<void> {
  const shared = { trial: trial!.name, leaseId, requestId: id };
  if (result.kind === "completed") {
    const { measurement, stoppedEarly } = result;
    await client.completeTrial({ ...shared, measurement, stoppedEarly });
    return;
  }
  const { FailureKind } = optimizer;
  const kinds = {
    failed: FailureKind.FAILED,
    infeasible: FailureKind.INFEASIBLE,
    returned: FailureKind.RETURNED,
  } as const;
  await client.failTrial({
    ...shared,
    kind: kinds[result.kind],
    reason: result.reason.slice(0, 4096),
    ...(result.cost && { cost: result.cost }),
  });
}
