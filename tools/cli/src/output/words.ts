import { type optimizer, pointFromProto } from "@superbatch/contracts";
import { short } from "@superbatch/launcher";

/** `STUDY_STATE_ACTIVE` is active. */
export function word(value: string, prefix: string): string {
  return value.replace(prefix, "").toLowerCase().replaceAll("_", "-");
}

export const studyState = (study: optimizer.Study) => word(study.state, "STUDY_STATE_");
export const trialState = (trial: optimizer.Trial) => word(trial.state, "TRIAL_STATE_");

/** Last part of a resource's name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

export function figure(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "-" : short(value);
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** Names of parameters that vary, in the space's order. */
export function variedParameters(study: optimizer.Study): string[] {
  return (study.spec?.space?.parameters ?? []).flatMap(({ name, domain }) => (domain?.$case === "fixed" ? [] : [name]));
}

/** `learning_rate=0.1 layers=3`, without what is fixed. */
export function pointInWords(study: optimizer.Study, parameters: optimizer.Trial["parameters"]): string {
  const point = pointFromProto(parameters);
  return variedParameters(study)
    .filter((name) => name in point)
    .map((name) => `${name}=${short(point[name]!)}`)
    .join(" ");
}
