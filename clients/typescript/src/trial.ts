import { randomUUID } from "node:crypto";
import { type common, optimizer, pointFromProto } from "@superbatch/contracts";
import { Status, statusOf } from "@superbatch/rpc";
import type { Api } from "./client.ts";
import { startLeaseKeeper } from "./lease-keeper.ts";
import { Infeasible, StopEarly, TrialCancelled } from "./signals.ts";
import type { Objective } from "./study.ts";

/** What a trial was evaluated to. */
export interface Result {
  /** Of the study's metric. */
  readonly value: number;
  /** Other values by name. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** What the attempt spent, by phase, in the study's unit. @default the seconds since the lease */
  readonly cost?: Partial<common.Cost>;
  /** Whether the value is of where the trial was stopped. */
  readonly stoppedEarly?: boolean;
}

/** A leased trial, whose lease is kept in the background until it ends. Disposing of one that has not ended gives it back. */
export interface Trial extends AsyncDisposable {
  /** `projects/{project}/studies/{study}/trials/{number}`. */
  readonly name: string;
  /** In its study, from 1. */
  readonly number: number;
  /** Values by name; inactive parameters are absent. */
  readonly parameters: Readonly<Record<string, number | string | boolean>>;
  /** For the trial's own randomness: equal in every attempt. */
  readonly seed: number;
  /** W3C trace context of the trial, to be the parent of the worker's spans. */
  readonly traceparent: string;
  /** Aborted when the optimizer says to stop: its reason is a {@link StopEarly} or a {@link TrialCancelled}. */
  readonly signal: AbortSignal;
  /** Adds a point to the learning curve; if the optimizer is away it goes with the next message. @throws {StopEarly | TrialCancelled} when told so. */
  report(step: number, value: number, more?: Pick<Result, "metrics" | "cost">): Promise<void>;
  /** Ends the trial with a result, sent again for five minutes while the optimizer is away. What is refused has not ended it. */
  complete(result: number | Result): Promise<void>;
  /** Ends the attempt without a result; it is tried again while the study allows. */
  fail(reason: string): Promise<void>;
  /** Says that the point cannot be evaluated. */
  infeasible(reason: string): Promise<void>;
  /** Gives the trial to another worker; the attempt does not count. */
  giveBack(reason?: string): Promise<void>;
  /** Evaluates an objective and ends the trial as that ended. `stopping`: an error after it was aborted gives the trial back. */
  evaluate(objective: Objective, stopping?: AbortSignal): Promise<void>;
}

/** A trial may have cost hours; a restart costs seconds. */
const patienceMilliseconds = 300_000;
const longestReason = 4096;
const { FailureKind } = optimizer;

export function createTrial(api: Api, lease: optimizer.TrialLease): Trial {
  const { leaseId, metric, seed } = lease;
  const { name, number, parameters, traceparent } = lease.trial!;
  const started = performance.now();
  const keeper = startLeaseKeeper(api, lease);
  let ended = false;
  let last: number | undefined;

  const spent = () => ({ total: Math.max(1e-9, (performance.now() - started) / 1000) });
  const checkRunning = () => {
    if (ended) throw new Error(`${name} has ended: nothing more can be reported`);
  };
  /** The end of a trial, once it is no more reported on. */
  const end = (send: (deadline: Date) => Promise<unknown>) =>
    keeper.exclusively(async () => {
      checkRunning();
      const giveUp = Date.now() + patienceMilliseconds;
      for (;;) {
        try {
          await send(new Date(Math.min(giveUp, Date.now() + 60_000)));
          break;
        } catch (error) {
          const away = [Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED].includes(statusOf(error)!);
          if (!away || Date.now() >= giveUp) throw error;
        }
      }
      ended = true;
      keeper.stop();
    });
  const failAs = (kind: optimizer.FailureKind, why: string) => {
    const reason = why.slice(0, longestReason) || "no reason given";
    const request = { trial: name, leaseId, kind, reason, cost: spent(), requestId: randomUUID() };
    return end((deadline) => api.failTrial(request, { deadline }));
  };

  const trial: Trial = {
    name,
    number,
    parameters: pointFromProto(parameters),
    seed,
    traceparent,
    signal: keeper.signal,
    async report(step, value, { metrics = {}, cost = spent() } = {}) {
      checkRunning();
      last = value;
      await keeper.report({ step, metrics: { ...metrics, [metric]: value }, cost });
      keeper.signal.throwIfAborted();
    },
    async complete(given) {
      const result = typeof given === "number" ? { value: given } : given;
      const { value, metrics = {}, cost = spent(), stoppedEarly = false } = result;
      const request = { trial: name, leaseId, stoppedEarly, requestId: randomUUID() };
      await end((deadline) => api.completeTrial({ ...request, measurement: { value, metrics, cost } }, { deadline }));
    },
    fail: (reason) => failAs(FailureKind.FAILED, reason),
    infeasible: (reason) => failAs(FailureKind.INFEASIBLE, reason),
    giveBack: (reason = "the worker is stopping") => failAs(FailureKind.RETURNED, reason),
    async evaluate(objective, stopping) {
      await using leased = trial;
      try {
        await leased.complete(await objective(leased));
      } catch (error) {
        if (ended || error instanceof TrialCancelled) return;
        if (error instanceof StopEarly && last !== undefined)
          return leased.complete({ value: last, stoppedEarly: true });
        if (error instanceof Infeasible) return leased.infeasible(error.message);
        if (!stopping?.aborted) await leased.fail(String(error));
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      if (!ended && !(keeper.signal.reason instanceof TrialCancelled)) await trial.giveBack();
      ended = true;
      keeper.stop();
    },
  };
  return trial;
}
