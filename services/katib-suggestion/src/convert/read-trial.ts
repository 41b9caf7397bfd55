import { formatTrialName } from "@superbatch/contracts";
import type { Parameter, Point } from "@superbatch/search-space";
import type { LeaseMark, Outcome, RunTrial } from "../domain/experiment.ts";
import type { Trial, TrialStatus } from "../generated/api.ts";

/** Labels by which Katib keeps with a trial what we need to tell its result. */
export const labels = {
  study: "superbatch.dev/study",
  trial: "superbatch.dev/trial",
  lease: "superbatch.dev/lease",
} as const;

/** The least cost that the optimizer takes: of a trial whose times are not known. */
const unknownCost = 1;

/**
 * @param metric - that the experiment optimizes, as Katib names it.
 * @param project - of the optimizer.
 */
export function readTrial(trial: Trial, parameters: readonly Parameter[], metric: string, project: string): RunTrial {
  const assignments = new Map(trial.spec?.parameterAssignments?.assignments.map(({ name, value }) => [name, value]));
  const point: Record<string, number | string | boolean> = {};
  for (const { name, domain } of parameters) {
    const text = assignments.get(name);
    if (text === undefined) continue;
    const isText = domain.kind === "categorical" || (domain.kind === "fixed" && typeof domain.value === "string");
    point[name] = isText ? text : Number(text);
  }
  const lease = readMark(trial.spec?.labels ?? {}, project);
  const { status, name } = trial;
  return {
    name,
    point: point as Point,
    outcome: readOutcome(status, metric),
    cost: secondsOf(status),
    ...(lease && { lease }),
  };
}

function readMark(given: Readonly<Record<string, string>>, project: string): LeaseMark | undefined {
  const { [labels.study]: study, [labels.trial]: number, [labels.lease]: lease } = given;
  if (study === undefined || lease === undefined || !/^\d+$/.test(number ?? "")) return undefined;
  return { trial: formatTrialName({ project, study, trial: Number(number) }), lease };
}

function readOutcome(status: TrialStatus | undefined, metric: string): Outcome {
  const text = status?.observation?.metrics.find(({ name }) => name === metric)?.value;
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  switch (status?.condition) {
    case "SUCCEEDED":
    case "EARLYSTOPPED":
      if (Number.isFinite(value))
        return { kind: "succeeded", value, stoppedEarly: status.condition === "EARLYSTOPPED" };
      return { kind: "infeasible", reason: `Katib has no finite value of ${metric}: ${text ?? "none"}` };
    case "FAILED":
      return { kind: "infeasible", reason: "the trial failed in Katib" };
    case "KILLED":
      return { kind: "abandoned", reason: "the trial was killed in Katib" };
    case "METRICSUNAVAILABLE":
      return { kind: "abandoned", reason: "Katib found no metrics of the trial" };
    default:
      return { kind: "running" };
  }
}

function secondsOf(status: TrialStatus | undefined): number {
  const seconds = (Date.parse(status?.completionTime ?? "") - Date.parse(status?.startTime ?? "")) / 1000;
  return seconds > 0 ? seconds : unknownCost;
}
