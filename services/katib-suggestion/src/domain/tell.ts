import { createHash } from "node:crypto";
import { pointToProto } from "@superbatch/contracts";
import { Status, statusOf } from "@superbatch/rpc";
import type { RunTrial } from "./experiment.ts";
import type { OptimizerClient } from "./study.ts";

/** Label of a trial that the optimizer did not suggest: its name in the other system. */
const nameLabel = "katib/trial";

/**
 * Tells the optimizer what became of trials. The other system tells all of them each time, so that everything here may be repeated: a result has a request id made
 * from the trial's name.
 */
export async function tellOutcomes(client: OptimizerClient, study: string, trials: readonly RunTrial[]): Promise<void> {
  const handedOut = trials.filter(({ lease }) => lease?.trial.startsWith(`${study}/`));
  await Promise.all(handedOut.map((trial) => tell(client, trial)));
  const others = trials.filter((trial) => !handedOut.includes(trial) && trial.outcome.kind === "succeeded");
  if (others.length > 0) await addResults(client, study, others);
}

async function tell(client: OptimizerClient, { name, lease, outcome, cost }: RunTrial): Promise<void> {
  const { trial, lease: leaseId } = lease!;
  try {
    if (outcome.kind === "running") {
      await client.reportProgress({ trial, leaseId });
    } else if (outcome.kind === "succeeded") {
      const { value, stoppedEarly } = outcome;
      const measurement = { value, cost: { total: cost } };
      await client.completeTrial({ trial, leaseId, measurement, stoppedEarly, requestId: idFor(name, "end") });
    } else {
      const kind = outcome.kind === "infeasible" ? "FAILURE_KIND_INFEASIBLE" : "FAILURE_KIND_ABANDONED";
      const request = { trial, leaseId, kind, reason: outcome.reason, cost: { total: cost } } as const;
      await client.failTrial({ ...request, requestId: idFor(name, "end") });
    }
  } catch (error) {
    // The study was deleted meanwhile, or the trial has ended otherwise: nothing to learn from it.
    const gone = [Status.NOT_FOUND, Status.FAILED_PRECONDITION].includes(statusOf(error)!);
    if (!gone) throw error;
  }
}

/** Results of trials that the optimizer has not suggested, such as those of before it was asked. */
async function addResults(client: OptimizerClient, study: string, trials: readonly RunTrial[]): Promise<void> {
  const known = new Set<string | undefined>();
  for (let pageToken = ""; ; ) {
    const page = await client.listTrials({ study, pageToken, pageSize: 10_000 });
    for (const { labels } of page.trials) known.add(labels[nameLabel]);
    pageToken = page.nextPageToken;
    if (pageToken === "") break;
  }
  for (const { name, point, outcome, cost } of trials.filter(({ name }) => !known.has(name))) {
    const value = outcome.kind === "succeeded" ? outcome.value : Number.NaN;
    const measurement = { value, cost: { total: cost } };
    const added = { parameters: pointToProto(point), measurement, labels: { [nameLabel]: name } };
    try {
      await client.addTrials({ study, trials: [added], requestId: idFor(name, "add") });
    } catch (error) {
      // Not a point of the space: of an experiment whose space was changed.
      if (statusOf(error) !== Status.INVALID_ARGUMENT) throw error;
    }
  }
}

function idFor(name: string, what: string): string {
  return `${what}-${createHash("sha256").update(name).digest("base64url")}`;
}
