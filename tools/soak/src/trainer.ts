import { setTimeout as sleep } from "node:timers/promises";
import type { optimizer } from "@superbatch/contracts";
import type { Rng } from "@superbatch/random";
import type { Answer, Request } from "./journal.ts";
import type { OptimizerClient, Recorder } from "./recorder.ts";
import { leaseSeconds } from "./studies.ts";

export interface TrainerOptions {
  readonly client: OptimizerClient;
  readonly recorder: Recorder;
  readonly worker: string;
  readonly study: string;
  readonly rng: Rng;
  /** Longest time for a trial, in seconds. */
  readonly workSeconds: number;
}

/** Leases trials and ends them in every way that there is, until the study is completed. */
export async function train(options: TrainerOptions): Promise<void> {
  const { client, recorder, worker, study } = options;
  for (;;) {
    const answer = await recorder.record(
      worker,
      { method: "lease", study },
      (requestId) => client.leaseTrials({ study, worker, waitSeconds: 5, requestId }),
      summarizeLease,
    );
    if (answer?.studyCompleted) return;
    for (const lease of answer?.leases ?? []) await work(lease, options);
    if (!answer || answer.leases.length === 0) await sleep(100 + 1000 * Math.min(1, answer?.retryAfterSeconds ?? 1));
  }
}

async function work({ trial, leaseId }: optimizer.TrialLease, options: TrainerOptions): Promise<void> {
  const { rng, workSeconds } = options;
  const seconds = rng.uniform() * workSeconds;
  const fate = rng.uniform();
  // One in fifty falls silent until its lease is lost, and then comes back with its result.
  if (fate < 0.02) {
    await sleep(1000 * (leaseSeconds + 2));
    await complete(trial!.name, leaseId, options);
    return;
  }
  // Heartbeats come three times as often as they must.
  for (let left = seconds, step = 1; left > 0; left -= leaseSeconds / 3, step++) {
    await sleep(1000 * Math.min(left, leaseSeconds / 3));
    if (!(await report(trial!.name, leaseId, step, options))) return;
  }
  const outcome = fate < 0.05 ? "FAILED" : fate < 0.06 ? "INFEASIBLE" : fate < 0.08 ? "RETURNED" : undefined;
  if (outcome) await fail(trial!.name, leaseId, outcome, options);
  else await complete(trial!.name, leaseId, options);
}

/** @returns false if the trainer is to stop. */
async function report(trial: string, leaseId: string, step: number, options: TrainerOptions): Promise<boolean> {
  const { client, recorder, worker, rng } = options;
  const points = [{ step, metrics: { error: rng.uniform() } }];
  const answer = await recorder.record(
    worker,
    { method: "report", trial, lease: leaseId },
    (requestId) => client.reportProgress({ trial, leaseId, points, requestId }),
    ({ command, expireTime }): Answer => ({
      method: "report",
      command,
      ...(expireTime && { expires: expireTime.getTime() }),
    }),
  );
  return answer?.command !== "COMMAND_CANCEL";
}

async function complete(trial: string, leaseId: string, options: TrainerOptions): Promise<void> {
  const { client, recorder, worker, rng } = options;
  const value = rng.uniform();
  const total = 0.5 + rng.uniform();
  const request: Request = { method: "complete", trial, lease: leaseId, value };
  const measurement = { value, cost: { total, gradient: total } };
  const send = (requestId: string) => client.completeTrial({ trial, leaseId, measurement, requestId });
  // One in twenty is sent twice at the same time: there must be one effect and one answer.
  const twice = rng.uniform() < 0.05;
  await recorder.record(
    worker,
    request,
    async (requestId) => {
      const answers = await Promise.all(twice ? [send(requestId), send(requestId)] : [send(requestId)]);
      if (answers.some(({ late, duplicate }) => late !== answers[0]!.late || duplicate !== answers[0]!.duplicate))
        throw new Error("one call had two different answers");
      return answers[0]!;
    },
    ({ late, duplicate }): Answer => ({ method: "complete", late, duplicate }),
  );
}

type Outcome = "FAILED" | "INFEASIBLE" | "RETURNED";

async function fail(trial: string, leaseId: string, outcome: Outcome, options: TrainerOptions): Promise<void> {
  const { client, recorder, worker } = options;
  const kind = `FAILURE_KIND_${outcome}` as const;
  await recorder.record(
    worker,
    { method: "fail", trial, lease: leaseId, outcome: outcome.toLowerCase() },
    (requestId) => client.failTrial({ trial, leaseId, kind, reason: "the soak wants it so", requestId }),
    ({ retry }): Answer => ({ method: "fail", retry }),
  );
}

function summarizeLease({ leases }: optimizer.LeaseTrialsResponse): Answer {
  return {
    method: "lease",
    leases: leases.map(({ trial, leaseId, expireTime }) => ({
      trial: trial!.name,
      lease: leaseId,
      expires: expireTime!.getTime(),
    })),
  };
}
