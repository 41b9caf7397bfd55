import { ClientError, Status } from "@superbatch/rpc";
import { expect, it } from "vitest";
import { deliver, type Report } from "./deliver.ts";
import { recordingOptimizer, silent } from "./testing.ts";

const success: Report = { value: 0.1, metrics: { validation_error: 0.1 }, stoppedEarly: false, priorCost: 2 };
const cost = { total: 5, scoring: 1, gradient: 2, evaluation: 1, data: 1 };

/** Delivers to an optimizer whose first calls fail with the statuses given. @returns request ids that it saw. */
async function deliverTo(
  statuses: Status[],
  report: Report,
  patienceSeconds = 60,
  stopping = new AbortController().signal,
) {
  const recording = recordingOptimizer();
  const requestIds: string[] = [];
  const failing = <Request extends { requestId?: string }, Response>(call: (request: Request) => Promise<Response>) => {
    return async (request: Request) => {
      requestIds.push(request.requestId!);
      const status = statuses.shift();
      if (status !== undefined) throw new ClientError("/test", status, "down");
      return call(request);
    };
  };
  const client = {
    completeTrial: failing(recording.client.completeTrial),
    failTrial: failing(recording.client.failTrial),
  } as unknown as typeof recording.client;
  const identity = { trial: "t", leaseId: "l" };
  await deliver({ client, identity, report, cost, logger: silent, stopping, patienceSeconds, pauseSeconds: 0 });
  return { ...recording, requestIds };
}

it("waits for an optimizer that restarts, with the same request id", async () => {
  const { completed, requestIds } = await deliverTo([Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED], success);
  expect(completed).toMatchObject([{ trial: "t", leaseId: "l", measurement: { value: 0.1, cost, priorCost: 2 } }]);
  expect(requestIds).toHaveLength(3);
  expect(new Set(requestIds).size).toBe(1);
});

it("reports failures likewise", async () => {
  const { failed } = await deliverTo([Status.UNAVAILABLE], { kind: "FAILURE_KIND_FAILED", reason: "broken" });
  expect(failed).toMatchObject([{ kind: "FAILURE_KIND_FAILED", reason: "broken", cost }]);
});

it("gives up where the optimizer refuses, where patience ends, and where the trainer stops", async () => {
  expect((await deliverTo([Status.FAILED_PRECONDITION], success)).requestIds).toHaveLength(1);
  expect((await deliverTo([Status.UNAVAILABLE], success, 0)).requestIds).toHaveLength(1);
  expect((await deliverTo([Status.UNAVAILABLE], success, 60, AbortSignal.abort())).requestIds).toHaveLength(1);
});
