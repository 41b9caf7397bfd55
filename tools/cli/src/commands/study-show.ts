import {
  constraintInWords,
  costPhases,
  formatProjectName,
  optimizer,
  pointFromProto,
  spaceFromProto,
} from "@superbatch/contracts";
import { short } from "@superbatch/launcher";
import type { Domain, Parameter } from "@superbatch/search-space";
import type { Context } from "../context.ts";
import { figure, idOf, pointInWords, studyState } from "../output/words.ts";
import { allStudies } from "../paging.ts";

export async function listStudies({ client, settings, out }: Context): Promise<void> {
  const studies = await allStudies(client, formatProjectName(settings.project));
  out.data(studies.map((study) => optimizer.Study.toJSON(study)));
  if (studies.length === 0) return out.print(`The project ${settings.project} has no studies.`);
  out.table(
    ["study", "state", "completed", "running", "failed", "infeasible", "cost", "best trial", "created"],
    studies.map((study) => {
      const { completed = 0, running = 0, failed = 0, infeasible = 0, cost, bestTrial = "" } = study.progress ?? {};
      return [
        idOf(study.name),
        studyState(study),
        completed,
        running,
        failed,
        infeasible,
        figure(cost?.total ?? 0),
        bestTrial === "" ? "-" : idOf(bestTrial),
        study.createTime?.toISOString().slice(0, 16).replace("T", " ") ?? "-",
      ];
    }),
  );
}

export async function showStudy({ client, out, studyName }: Context, [id]: string[]): Promise<void> {
  const { study } = await client.getStudy({ name: studyName(id!) });
  const best = await bestTrial(client, study!);
  out.data(optimizer.Study.toJSON(study!));
  for (const line of studyLines(study!, best)) out.print(line);
  const { parameters, constraints } = spaceFromProto(study!.spec?.space);
  out.table(
    ["parameter", "values", "role"],
    parameters.map((parameter) => [parameter.name, valuesInWords(parameter.domain), roleInWords(parameter)]),
  );
  for (const { coefficients, bound } of constraints)
    out.print(
      `${Object.entries(coefficients)
        .map(([name, weight]) => `${weight} ${name}`)
        .join(" + ")} <= ${bound}`,
    );
}

async function bestTrial(client: Context["client"], study: optimizer.Study): Promise<optimizer.Trial | undefined> {
  const name = study.progress?.bestTrial ?? "";
  return name === "" ? undefined : (await client.getTrial({ name })).trial;
}

function studyLines(study: optimizer.Study, best: optimizer.Trial | undefined): string[] {
  const { spec, progress, stateReason } = study;
  const { maxTrials = 0, maxCost = 0, maxSeconds = 0 } = spec?.budget ?? {};
  const limits = [
    ...(maxTrials > 0 ? [`${maxTrials} completed trials`] : []),
    ...(maxCost > 0 ? [`${figure(maxCost)} ${spec?.costUnit} of cost`] : []),
    ...(maxSeconds > 0 ? [`${figure(maxSeconds)} s since its creation`] : []),
  ];
  const counts = (["suggested", "running", "completed", "failed", "infeasible", "abandoned"] as const).filter(
    (name) => (progress?.[name] ?? 0) > 0,
  );
  const goal = spec?.objective?.goal === "GOAL_MAXIMIZE" ? "maximize" : "minimize";
  const algorithm = spec?.algorithm?.kind?.$case ?? "entropySearch";
  const constraints = spec?.outcomeConstraints ?? [];
  const phases = costPhases.filter((phase) => (progress?.cost?.[phase] ?? 0) > 0);
  return [
    `${study.name}: ${studyState(study)}${stateReason === "" ? "" : ` (${stateReason})`}`,
    `objective   ${goal} ${spec?.objective?.metric}`,
    ...(constraints.length === 0 ? [] : [`constraints ${constraints.map(constraintInWords).join(", ")}`]),
    `algorithm   ${algorithm.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}, seed ${spec?.seed ?? "-"}`,
    `budget      ${limits.length === 0 ? "no limit" : limits.join(", ")}`,
    `trials      ${counts.length === 0 ? "none" : counts.map((name) => `${progress![name]} ${name}`).join(", ")}`,
    `cost        ${figure(progress?.cost?.total ?? 0)} ${spec?.costUnit}${phases.length === 0 ? "" : ` (${phases.map((phase) => `${phase} ${figure(progress!.cost![phase])}`).join(", ")})`}`,
    `best        ${best?.measurement ? `${figure(best.measurement.value)} in trial ${best.number}: ${pointInWords(study, best.parameters)}` : "-"}`,
    "",
  ];
}

function valuesInWords(domain: Domain): string {
  switch (domain.kind) {
    case "float":
    case "integer":
      return `${domain.kind} ${short(domain.min)} to ${short(domain.max)}${domain.scale === "log" ? ", log" : ""}`;
    case "discrete":
      return domain.values.map(short).join(", ");
    case "categorical":
      return domain.categories.join(", ");
    case "boolean":
      return "true, false";
    case "fixed":
      return String(domain.value);
  }
}

function roleInWords({ domain, fidelity, condition }: Parameter): string {
  if (domain.kind === "fixed") return "fixed";
  if (fidelity) return `fidelity, target ${short(fidelity.target)}`;
  return condition ? `if ${condition.parent} is ${condition.values.join(" or ")}` : "tuned";
}

/** Values for people who look at one trial, fixed ones included. */
export function parameterRows(parameters: optimizer.Trial["parameters"]): (readonly [string, string])[] {
  return Object.entries(pointFromProto(parameters)).map(([name, value]) => [name, String(value)] as const);
}
