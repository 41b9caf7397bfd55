import type { optimizer } from "@superbatch/contracts";
import { requestId } from "../arguments.ts";
import type { OptimizerClient } from "../context.ts";
import type { AttemptRecord, StopCause } from "./attempt-record.ts";
import { mayPass } from "./deliver.ts";

/** Carries a learning curve to the optimizer and its commands back. */
export interface Heartbeat {
  /** Reports if there is something new, at most once a second, or if it is time to. @returns what the optimizer wants. */
  beat(record: AttemptRecord): Promise<"continue" | Exclude<StopCause, "return">>;
  /** Reports what is left. A failure is passed over: the result matters more than the end of its curve. */
  flush(record: AttemptRecord): Promise<void>;
}

export function createHeartbeat(
  client: OptimizerClient,
  { trial, leaseId, leaseSeconds }: optimizer.TrialLease,
): Heartbeat {
  const interval = Math.min(leaseSeconds / 4, 10) * 1000;
  // Reported at once, so that the trial is shown as running.
  let last = Number.NEGATIVE_INFINITY;
  let unsent: optimizer.ProgressPoint[] = [];

  async function report(record: AttemptRecord): Promise<optimizer.Command> {
    last = performance.now();
    const points = merge(unsent, record.takePoints());
    unsent = points;
    const deadline = new Date(Date.now() + interval);
    const request = {
      trial: trial!.name,
      leaseId,
      points,
      ...(record.cost && { cost: record.cost }),
      requestId: requestId(),
    };
    const { command } = await client.reportProgress(request, { deadline });
    unsent = [];
    return command;
  }

  return {
    async beat(record) {
      const since = performance.now() - last;
      unsent = merge(unsent, record.takePoints());
      if (since < interval && !(since >= 1000 && unsent.length > 0)) return "continue";
      try {
        const command = await report(record);
        if (command === "COMMAND_STOP_EARLY") return "stop-early";
        return command === "COMMAND_CANCEL" ? "cancel" : "continue";
      } catch (error) {
        // The optimizer may be away for a while: its leases wait for it. What it refuses for good is a defect to be seen.
        if (!mayPass(error)) throw error;
        return "continue";
      }
    },
    async flush(record) {
      unsent = merge(unsent, record.takePoints());
      if (unsent.length > 0) await report(record).catch(() => {});
    },
  };
}

function merge(
  older: readonly optimizer.ProgressPoint[],
  newer: readonly optimizer.ProgressPoint[],
): optimizer.ProgressPoint[] {
  const bySteps = new Map([...older, ...newer].map((point) => [point.step, point]));
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}
