import { createHash } from "node:crypto";
import { formatProjectName, formatStudyName, optimizer, spaceToProto } from "@superbatch/contracts";
import { type createClient, Status, statusOf } from "@superbatch/rpc";
import type { Experiment } from "./experiment.ts";

export type OptimizerClient = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];

/** The other system's controller says nothing while a trial runs: a lease holds for as long as one may. */
const leaseSeconds = 86_400;

/** Id of an experiment's study. An experiment that is made anew with another space, objective or algorithm gets another study. */
export function studyIdOf(experiment: Experiment): string {
  const { name, parameters, metric, goal, algorithm } = experiment;
  const digest = createHash("sha256")
    .update(JSON.stringify([parameters, metric, goal, algorithm]))
    .digest("hex");
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `katib-${readable.slice(0, 48)}-${digest.slice(0, 8)}`.replace(/--/g, "-");
}

/** The experiment's study in the optimizer; created if there is none. @returns its name. */
export async function ensureStudy(client: OptimizerClient, project: string, experiment: Experiment): Promise<string> {
  const { metric, goal, algorithm, parameters, name } = experiment;
  const study = studyIdOf(experiment);
  const spec = optimizer.StudySpec.fromJSON({
    objective: { metric, goal: goal === "minimize" ? "GOAL_MINIMIZE" : "GOAL_MAXIMIZE" },
    algorithm: algorithm.spec,
    lease: { leaseSeconds, maxAttempts: 100 },
    ...(algorithm.seed !== undefined && { seed: algorithm.seed }),
    labels: { "katib/experiment": name },
  });
  const request = { parent: formatProjectName(project), studyId: study, requestId: "" };
  try {
    await client.createStudy({
      ...request,
      study: { spec: { ...spec, space: spaceToProto({ parameters, constraints: [] }) } },
    });
  } catch (error) {
    if (statusOf(error) !== Status.ALREADY_EXISTS) throw error;
  }
  return formatStudyName({ project, study });
}
