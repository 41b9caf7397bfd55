import { randomUUID } from "node:crypto";
import { optimizer, pointFromProto } from "@superbatch/contracts";
import { isAbortError, type Logger } from "@superbatch/rpc";
import { attribute, spanName, withRemoteParent, withSpan } from "@superbatch/telemetry";
import type { Cost, LearningCurvePoint } from "@superbatch/training";
import { failureOf } from "./failure.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { costToProto, objectiveMetrics, outcomeMetrics, pointToProto } from "./measurement.ts";
import type { Client } from "./optimizer-client.ts";
import type { TrainingSlot } from "./training-slot.ts";

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
    [attribute.costUnit]: "seconds",
  };
  return withRemoteParent(trial.traceparent, () =>
    withSpan(spanName.train, attributes, async (span) => {
      const cost = await runAttempt(lease, trial, options);
      if (!cost) return;
      span.setAttributes({
        [attribute.costScoring]: cost.scoring,
        [attribute.costGradient]: cost.gradient,
        [attribute.costEvaluation]: cost.evaluation,
        [attribute.costData]: cost.data,
        [attribute.costTotal]: cost.total,
      });
    }),
  );
}

/** @returns what the attempt cost in seconds, if it got as far as to spend any. */
async function runAttempt(
  lease: optimizer.TrialLease,
  trial: optimizer.Trial,
  options: TrialAttemptOptions,
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
    onStopEarly: () => stopEarly.abort(),
    onCancel: (reason) => cancelled.abort(new DOMException(reason || "the lease is lost", "AbortError")),
    onError: (error) => logger.warn({ err: error }, "a heartbeat was not delivered"),
  });
  const spend = (cost: Cost) => {
    latest = cost;
    heartbeat.spent(costToProto(cost, costPerSecond));
  };
  const fail = async (kind: optimizer.FailureKind, reason: string) => {
    const cost = latest && costToProto(latest, costPerSecond);
    await client.failTrial({ ...identity, kind, reason, cost, requestId: randomUUID() });
    logger.info({ kind, reason }, "trial ended without a result");
  };
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
        spend(point.cost);
        heartbeat.add(pointToProto(point, costPerSecond));
      },
    });
    await heartbeat.stop();
    const { result, configuration } = outcome;
    latest = result.cost;
    if (result.diverged && configuration.diverged === "infeasible") {
      await fail(optimizer.FailureKind.INFEASIBLE, `training diverged at step ${result.steps}`);
      return latest;
    }
    const metrics = outcomeMetrics(outcome);
    await client.completeTrial({
      ...identity,
      measurement: { value: metrics[lease.metric], metrics, cost: costToProto(result.cost, costPerSecond) },
      stoppedEarly: result.ending === "stopped_early",
      requestId: randomUUID(),
    });
    logger.info({ value: metrics[lease.metric], seconds: result.cost.total, ending: result.ending }, "trial completed");
  } catch (error) {
    await heartbeat.stop();
    if (cancelled.signal.aborted) {
      logger.info({ reason: cancelled.signal.reason.message }, "trial cancelled");
    } else if (stopping.aborted && isAbortError(error)) {
      await fail(optimizer.FailureKind.RETURNED, "the trainer is stopping").catch((failed: unknown) => {
        logger.warn({ err: failed }, "the trial could not be given back; its lease will run out");
      });
    } else {
      logger.warn({ err: error }, "attempt failed");
      const { kind, reason } = failureOf(error);
      await fail(kind, reason).catch((failed: unknown) =>
        logger.error({ err: failed }, "the failure could not be reported"),
      );
    }
  }
  return latest;
}

function checkMetric(metric: string): void {
  if ((objectiveMetrics as readonly string[]).includes(metric)) return;
  throw new Error(`the study's metric is ${metric}; this trainer measures ${objectiveMetrics.join(", ")}`);
}
