import { optimizer } from "@superbatch/contracts";
import { type HandlerContext, throwIfInvalid } from "@superbatch/rpc";
import { requireStudyName, type Violations } from "../convert/from-proto.ts";
import { trialToProto } from "../convert/trial-to-proto.ts";
import { validateTexts } from "../convert/validate-spec.ts";
import { leaseAnywhere } from "../domain/any-study.ts";
import type { Granted } from "../domain/grant.ts";
import type { Commit } from "../domain/leases.ts";
import { type CallsContext, checkRequestId, describeCall } from "./context.ts";

type LeaseCalls = Pick<optimizer.OptimizerServiceImplementation<HandlerContext>, "leaseTrials">;

export function createLeaseCalls({ store, idempotency, leases }: CallsContext): LeaseCalls {
  return {
    async leaseTrials(request, { signal, draining }) {
      const { LeaseTrialsRequest, LeaseTrialsResponse } = optimizer;
      const { project, study } = requireStudyName(request.study, "study", { wildcard: true });
      validate(request);

      const call = describeCall("LeaseTrials", project, request, LeaseTrialsRequest, LeaseTrialsResponse);
      const commit: Commit<optimizer.LeaseTrialsResponse> = (grant) =>
        idempotency.commit<optimizer.LeaseTrialsResponse | undefined>(
          { ...call, encode: (response) => call.encode(response!) },
          async (tx) => {
            const granted = await grant(tx);
            if (!granted) return undefined;
            return { leases: granted.map(leaseToProto), retryAfterSeconds: 0, reason: "", studyCompleted: false };
          },
        );
      const { worker, count, capabilities } = request;
      const wait = { seconds: request.waitSeconds, signal, draining };
      return idempotency.join(call, async () => {
        const kept = await idempotency.kept(call);
        if (kept) return kept;
        const wanted = { study: request.study, worker, count: count || 1, capabilities };
        const result =
          study === "-"
            ? await leaseAnywhere(store, leases, project, wanted, wait, commit)
            : await leases.lease(wanted, wait, commit);
        if ("response" in result) return result.response;
        const { reason, retryAfterSeconds, studyCompleted } = result.none;
        // Another replica may have answered the same call meanwhile.
        const elsewhere = await idempotency.kept(call);
        if (elsewhere) return elsewhere;
        return { leases: [], reason, retryAfterSeconds, studyCompleted };
      });
    },
  };
}

function validate(request: optimizer.LeaseTrialsRequest): void {
  const violations: Violations = [];
  const { worker, count, waitSeconds } = request;
  if (worker === "" || worker.length > 256)
    violations.push({ path: "worker", message: "must have 1 to 256 characters" });
  if (count > 1_000) violations.push({ path: "count", message: `must be at most 1000, not ${count}` });
  if (!(waitSeconds >= 0 && waitSeconds <= 300))
    violations.push({ path: "wait_seconds", message: `must be from 0 to 300, not ${waitSeconds}` });
  violations.push(...validateTexts(request.capabilities, "capabilities"));
  checkRequestId(request, violations);
  throwIfInvalid(violations);
}

function leaseToProto({ study, trial, leaseSeconds, metric, seed }: Granted): optimizer.TrialLease {
  return {
    trial: trialToProto(trial, study),
    leaseId: trial.lease!.id,
    expireTime: new Date(trial.lease!.expiresAt),
    leaseSeconds,
    metric,
    seed,
  };
}
