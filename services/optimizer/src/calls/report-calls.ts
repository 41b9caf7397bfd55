import { optimizer } from "@superbatch/contracts";
import { throwIfInvalid } from "@superbatch/rpc";
import {
  checkText,
  readMeasurement,
  readOptionalCost,
  readProgress,
  requireTrialName,
  type Violations,
} from "../convert/from-proto.ts";
import { trialToProto } from "../convert/trial-to-proto.ts";
import { createCurveCache } from "../domain/curve-cache.ts";
import { type Answer, reportProgress } from "../domain/progress.ts";
import { completeTrial, type FailureKind, failTrial } from "../domain/results.ts";
import { type CallsContext, checkRequestId, describeCall } from "./context.ts";

type ReportCalls = Pick<optimizer.OptimizerServiceImplementation, "reportProgress" | "completeTrial" | "failTrial">;

const { Command } = optimizer;

/** Longest reason, in characters. */
const reasonLimit = 4_096;

/** What trainers say of the trials that they hold. */
export function createReportCalls({ idempotency, leases }: CallsContext): ReportCalls {
  const curves = createCurveCache();
  return {
    async reportProgress(request) {
      const { ReportProgressRequest, ReportProgressResponse } = optimizer;
      const { project, study, trial } = requireTrialName(request.trial, "trial");
      const violations: Violations = [];
      checkText(request.leaseId, "lease_id", { min: 1, max: 128 }, violations);
      checkRequestId(request, violations);
      const points = readProgress(request.points, "points", violations);
      const cost = readOptionalCost(request.cost, violations);
      throwIfInvalid(violations);
      const call = describeCall("ReportProgress", project, request, ReportProgressRequest, ReportProgressResponse);
      return idempotency.commit(call, async (tx) => {
        const { leaseId, finalStep } = request;
        const progress = { study, trial, leaseId, points, finalStep, ...(cost && { cost }) };
        return answerToProto(await reportProgress(tx, curves, progress));
      });
    },

    async completeTrial(request) {
      const { CompleteTrialRequest, CompleteTrialResponse } = optimizer;
      const { project, study, trial } = requireTrialName(request.trial, "trial");
      const violations: Violations = [];
      checkText(request.leaseId, "lease_id", { min: 1, max: 128 }, violations);
      checkRequestId(request, violations);
      const measurement = readMeasurement(request.measurement, "measurement", violations);
      throwIfInvalid(violations);
      const call = describeCall("CompleteTrial", project, request, CompleteTrialRequest, CompleteTrialResponse);
      const { leaseId, stoppedEarly } = request;
      return idempotency.commit(call, async (tx, effects) => {
        const result = await completeTrial(tx, effects, { study, trial, leaseId, measurement, stoppedEarly });
        effects.push(() => leases.changed(study));
        return { ...result, trial: trialToProto(result.trial, (await tx.getStudy(study))!) };
      });
    },

    async failTrial(request) {
      const { FailTrialRequest, FailTrialResponse } = optimizer;
      const { project, study, trial } = requireTrialName(request.trial, "trial");
      const violations: Violations = [];
      const kind = failureKinds.get(request.kind);
      if (!kind) violations.push({ path: "kind", message: "is required" });
      checkText(request.leaseId, "lease_id", { max: 128 }, violations);
      checkText(request.reason, "reason", { min: 1, max: reasonLimit }, violations);
      checkRequestId(request, violations);
      const cost = readOptionalCost(request.cost, violations);
      throwIfInvalid(violations);
      const call = describeCall("FailTrial", project, request, FailTrialRequest, FailTrialResponse);
      const { leaseId, reason } = request;
      return idempotency.commit(call, async (tx, effects) => {
        const failure = { study, trial, leaseId, reason, kind: kind!, ...(cost && { cost }) };
        const result = await failTrial(tx, effects, failure);
        effects.push(() => leases.changed(study));
        return { ...result, trial: trialToProto(result.trial, (await tx.getStudy(study))!) };
      });
    },
  };
}

const failureKinds = new Map<optimizer.FailureKind, FailureKind>([
  [optimizer.FailureKind.FAILED, "failed"],
  [optimizer.FailureKind.INFEASIBLE, "infeasible"],
  [optimizer.FailureKind.RETURNED, "returned"],
  [optimizer.FailureKind.ABANDONED, "abandoned"],
]);

const commands: Readonly<Record<Answer["command"], optimizer.Command>> = {
  continue: Command.CONTINUE,
  "stop-early": Command.STOP_EARLY,
  cancel: Command.CANCEL,
};

function answerToProto({ command, reason, expiresAt }: Answer): optimizer.ReportProgressResponse {
  return {
    command: commands[command],
    reason,
    expireTime: expiresAt === null ? undefined : new Date(expiresAt),
  };
}
