import { type optimizer, pointFromProto } from "@superbatch/contracts";
import type { ParameterFacts, StudyFacts, TrialRow, TrialState } from "@superbatch/figures";

/** A study's contract as figures take it. */
export function factsOf(study: optimizer.Study): StudyFacts {
  const { spec } = study;
  return {
    name: study.name,
    metric: spec?.objective?.metric ?? "value",
    minimize: spec?.objective?.goal !== "GOAL_MAXIMIZE",
    costUnit: spec?.costUnit || "s",
    parameters: (spec?.space?.parameters ?? []).flatMap((parameter) => parameterFacts(parameter) ?? []),
  };
}

type Parameter = NonNullable<NonNullable<optimizer.StudySpec["space"]>["parameters"]>[number];

/** Undefined for a fixed parameter: there is nothing to see. */
function parameterFacts({ name, domain, fidelity }: Parameter): ParameterFacts | undefined {
  const log = (scale: string) => scale === "SCALE_LOG";
  const target = fidelity ? { target: fidelity.target ?? largest(domain) } : {};
  switch (domain?.$case) {
    case "float":
    case "integer": {
      const { min, max, scale } = domain.value;
      const levels = domain.$case === "integer" ? ({ levels: "whole" } as const) : {};
      return { name, kind: "number", log: log(scale), min: Number(min), max: Number(max), ...levels, ...target };
    }
    case "discrete": {
      const { values, scale } = domain.value;
      const levels = [...values].sort((a, b) => a - b);
      return { name, kind: "number", log: log(scale), min: levels[0]!, max: levels.at(-1)!, levels, ...target };
    }
    case "categorical":
      return { name, kind: "category", log: false, categories: domain.value.categories };
    case "boolean":
      return { name, kind: "category", log: false, categories: ["false", "true"] };
    default:
      return undefined;
  }
}

function largest(domain: Parameter["domain"]): number {
  if (domain?.$case === "float" || domain?.$case === "integer") return Number(domain.value.max);
  if (domain?.$case === "discrete") return Math.max(...domain.value.values);
  return 1;
}

/** A trial's contract as figures take it. */
export function rowOf(trial: optimizer.Trial): TrialRow {
  const { measurement, cost, startTime, endTime, explanation } = trial;
  const { total = 0, scoring = 0, gradient = 0, evaluation = 0, data = 0 } = cost ?? {};
  return {
    number: trial.number,
    state: trial.state.slice("TRIAL_STATE_".length).toLowerCase() as TrialState,
    ...(measurement ? { value: measurement.value } : {}),
    cost: { total, scoring, gradient, evaluation, data },
    ...(startTime ? { startTime: startTime.getTime() } : {}),
    ...(endTime ? { endTime: endTime.getTime() } : {}),
    worker: trial.worker,
    attempts: trial.attempts,
    stoppedEarly: trial.stoppedEarly,
    origin: explanation ? explanation.origin.slice("ORIGIN_".length).toLowerCase() : "unspecified",
    parameters: pointFromProto(trial.parameters),
  };
}

const rows = new WeakMap<readonly optimizer.Trial[], readonly TrialRow[]>();

/** All trials as figures take them; made once for a list, which must not change then. */
export function rowsOf(trials: readonly optimizer.Trial[]): readonly TrialRow[] {
  const known = rows.get(trials) ?? trials.map(rowOf);
  rows.set(trials, known);
  return known;
}
