import { optimizer, pointFromProto } from "@superbatch/contracts";
import { isAbortError, type Logger } from "@superbatch/rpc";
import { attribute, spanName, withRemoteParent, withSpan } from "@superbatch/telemetry";
import type { Cost, LearningCurvePoint } from "@superbatch/training";
import { costAttributes } from "./cost-attributes.ts";
import { deliver, type Report } from "./deliver.ts";
import { createEpochSpans } from "./epoch-spans.ts";
import { failureOf } from "./failure.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { costToProto, guessingMetrics, objectiveMetrics, outcomeMetrics, pointToProto } from "./measurement.ts";
import type { Client } from "./optimizer-client.ts";
import type { TrainingOutcome, TrainingSlot } from "./training-slot.ts";

export interface TrialAttemptOptions {
  readonly client: Pick<Client, "reportProgress" | "completeTrial" | "failTrial">;
  readonly slot: TrainingSlot;
  readonly logger: Logger;
  readonly worker: string;
  readonly backend: string;
  /** At most; a quarter of the lease if that is less. */
  readonly heartbeatSeconds: number;
  readonly costPerSecond: number;
  /** Aborted when the trainer stops: the trial is then given back. */
  readonly stopping: AbortSignal;
  /** Removes what was kept of a trial's training, which is not needed any more. Absent: nothing is kept. */
  readonly forget?: ((trial: string) => Promise<void>) | undefined;
  /** How long an optimizer that does not answer is waited for, to report a result. Nothing waits once the trainer stops. */
  readonly patienceSeconds: number;
}

/**
 * One attempt at a leased trial:
 * 1. heartbeats keep the lease, carry the learning curve, and bring back commands;
 * 2. the trial's configuration is trained;
 * 3. its result is reported, or why there is none; after CANCEL nothing is.
 *
 * Never rejects for what happens to the trial; it is logged and reported.
 */
export function attemptTrial(lease: optimizer.TrialLease, options: TrialAttemptOptions): Promise<void> {
  const trial = lease.trial!;
  const parameters = pointFromProto(trial.parameters);
  const attributes = {
    [attribute.trial]: trial.name,
    [attribute.study]: trial.name.replace(/\/trials\/.*$/, ""),
    [attribute.worker]: options.worker,
    [attribute.backend]: options.backend,
    [attribute.dataset]: String(parameters.dataset ?? parameters.workload ?? ""),
    [attribute.architecture]: String(parameters.architecture ?? ""),
    // Of another unit the trainer knows only what a second costs.
    ...(options.costPerSecond === 1 && { [attribute.costUnit]: "seconds" }),
  };
  return withRemoteParent(trial.traceparent, () =>
    withSpan(spanName.train, attributes, async (span) => {
      const cost = await runAttempt(lease, trial, options, createEpochSpans(span, options.costPerSecond));
      if (cost) span.setAttributes(costAttributes(cost, options.costPerSecond));
    }),
  );
}

/** @returns what the attempt cost in seconds, if it got as far as to spend any. */
async function runAttempt(
  lease: optimizer.TrialLease,
  trial: optimizer.Trial,
  options: TrialAttemptOptions,
  recordEpoch: (point: LearningCurvePoint) => void,
): Promise<Cost | undefined> {
  const { client, slot, costPerSecond, stopping } = options;
  const logger = options.logger.child({ trial: trial.name });
  const identity = { trial: trial.name, leaseId: lease.leaseId };
  const cancelled = new AbortController();
  const stopEarly = new AbortController();
  let latest: Cost | undefined;
  const heartbeat = startHeartbeat({
    client,
    ...identity,
    seconds: Math.min(options.heartbeatSeconds, lease.leaseSeconds / 4),
    deadlineSeconds: Math.max(1, lease.leaseSeconds / 4),
    onStopEarly: () => stopEarly.abort(),
    onCancel: (reason) => cancelled.abort(new DOMException(reason || "the lease is lost", "AbortError")),
    onError: (error) => logger.warn({ err: error }, "a heartbeat was not delivered"),
  });
  const spend = (cost: Cost) => {
    latest = cost;
    heartbeat.spent(costToProto(cost, costPerSecond));
  };
  let report: Report | undefined;
  try {
    checkMetric(lease.metric);
    const outcome = await slot.run({
      values: pointFromProto(trial.parameters),
      seed: lease.seed,
      signal: AbortSignal.any([cancelled.signal, stopping]),
      stopEarly: stopEarly.signal,
      checkpoint: trial.name,
      onStep: ({ cost }) => spend(cost),
      onProgress(point: LearningCurvePoint) {
        recordEpoch(point);
        spend(point.cost);
        heartbeat.add(pointToProto(point, costPerSecond));
      },
    });
    latest = outcome.result.cost;
    report = reportOf(outcome, lease.metric, costPerSecond);
  } catch (error) {
    if (cancelled.signal.aborted) {
      logger.info({ reason: cancelled.signal.reason.message }, "trial cancelled");
    } else if (stopping.aborted && isAbortError(error)) {
      report = { kind: optimizer.FailureKind.RETURNED, reason: "the trainer is stopping" };
    } else {
      logger.warn({ err: error }, "attempt failed");
      report = failureOf(error);
    }
  }
  await heartbeat.stop();
  if (report) {
    const cost = latest && costToProto(latest, costPerSecond);
    const { patienceSeconds, forget } = options;
    const delivered = await deliver({ client, identity, report, cost, logger, stopping, patienceSeconds });
    // Until the optimizer has the result, another trainer may have to go on from the checkpoint.
    if (delivered && isFinal(report)) {
      await forget?.(trial.name).catch((error: unknown) => logger.warn({ err: error }, "a checkpoint was not removed"));
    }
  }
  return latest;
}

/** Whether the trial will not be attempted again. */
function isFinal(report: Report): boolean {
  return !("kind" in report) || report.kind === optimizer.FailureKind.INFEASIBLE;
}

function checkMetric(metric: string): void {
  if ((objectiveMetrics as readonly string[]).includes(metric)) return;
  throw new Error(`the study's metric is ${metric}; this trainer measures ${objectiveMetrics.join(", ")}`);
}

function reportOf(outcome: TrainingOutcome, metric: string, costPerSecond: number): Report {
  const { result, configuration } = outcome;
  if (result.diverged && configuration.diverged === "infeasible") {
    return { kind: optimizer.FailureKind.INFEASIBLE, reason: `training diverged at step ${result.steps}` };
  }
  const metrics: Record<string, number> = {
    ...outcomeMetrics(outcome),
    ...(result.diverged ? guessingMetrics(outcome.classes) : {}),
  };
  const priorCost = result.resumedCost.total * costPerSecond;
  return { value: metrics[metric], metrics, stoppedEarly: result.ending === "stopped_early", priorCost };
}
