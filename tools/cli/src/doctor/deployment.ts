import { formatProjectName } from "@superbatch/contracts";
import { diagnoseStudy, type Finding } from "@superbatch/insight";
import { createClient, Status, statusOf } from "@superbatch/rpc";
import { HealthDefinition } from "nice-grpc-server-health";
import type { Context } from "../context.ts";
import { startProgress } from "../output/progress.ts";
import { allStudies, allTrials } from "../paging.ts";

/** What the optimizer depends on, by its name in health checks. */
const dependencies = [
  {
    name: "store",
    finding: "The optimizer cannot use its store.",
    remedy: "See its log: a full disk, a wrong --store, or a database that is away.",
  },
  {
    name: "surrogate",
    finding: "The optimizer cannot reach its surrogate model: suggestions are drawn without a model meanwhile.",
    remedy: "See that surrogate-model runs, and that --surrogate-address of the optimizer names it.",
  },
] as const;

/** SERVING in grpc.health.v1. */
const servingStatus = 1;

/** Studies that are read in full; of others only the state is known. */
const studiesRead = 50;

/** The services as they answer, and each active or paused study. @throws what the connection throws, so that nothing is said of what was not seen */
export async function diagnoseDeployment(context: Context): Promise<Finding[]> {
  return [...(await healthFindings(context)), ...(await studyFindings(context))];
}

async function healthFindings({ settings }: Context): Promise<Finding[]> {
  const { client, close } = createClient(HealthDefinition, settings.address, settings.client);
  const stateOf = async (service: string): Promise<"serving" | "not serving" | "unknown"> => {
    try {
      const { status } = await client.check({ service });
      return status === servingStatus ? "serving" : "not serving";
    } catch (error) {
      // The server does not watch this one.
      if (statusOf(error) === Status.NOT_FOUND || statusOf(error) === Status.UNIMPLEMENTED) return "unknown";
      throw error;
    }
  };
  try {
    const findings: Finding[] = [];
    const whole = await stateOf("");
    if (whole === "not serving")
      findings.push({
        severity: "problem",
        kind: "not-serving",
        finding: `The optimizer at ${settings.address} is up but says that it does not serve.`,
        remedy: "It starts, stops, or lacks what it needs; its log says which.",
      });
    for (const { name, finding, remedy } of dependencies)
      if ((await stateOf(name)) === "not serving")
        findings.push({ severity: "problem", kind: `${name}-unavailable`, finding, remedy });
    if (findings.length === 0)
      findings.push({
        severity: "note",
        kind: "serving",
        finding: `The optimizer at ${settings.address} serves.`,
        remedy: "",
      });
    return findings;
  } finally {
    close();
  }
}

async function studyFindings({ client, io, settings }: Context): Promise<Finding[]> {
  const studies = await allStudies(client, formatProjectName(settings.project));
  if (studies.length === 0)
    return [
      {
        severity: "note",
        kind: "no-studies",
        finding: `The project ${settings.project} has no studies.`,
        remedy: "Create one: superbatch study create FILE.",
      },
    ];
  // Completed ones need nothing.
  const open = studies.filter(({ state }) => state !== "STUDY_STATE_COMPLETED").slice(0, studiesRead);
  const progress = startProgress(io, "Reading studies", open.length);
  const findings: Finding[] = [];
  try {
    for (const [done, study] of open.entries()) {
      progress.update(done);
      const trials = await allTrials(client, study.name);
      for (const found of diagnoseStudy({ study, trials, now: Date.now() }))
        if (found.severity !== "note")
          findings.push({ ...found, finding: `${study.name.split("/").at(-1)}: ${found.finding}` });
    }
  } finally {
    progress.stop();
  }
  return findings;
}
