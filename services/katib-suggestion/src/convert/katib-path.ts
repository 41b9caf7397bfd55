import type { AlgorithmSpec } from "../generated/api.ts";

const algorithm = "experiment.spec.algorithm";
const parameters = "experiment.spec.parameter_specs.parameters";

/** Settings that are called otherwise in the optimizer's specs. */
const settingNames: ReadonlyMap<string, string> = new Map([
  ["fidelity", "fidelities"],
  ["initial_points", "n_initial_points"],
  ["seed", "random_state"],
]);

/**
 * Where Katib's user has written what the optimizer refuses.
 *
 * @param path - the optimizer's, of a study
 * @returns a path of Katib's request; the optimizer's own if it is of nothing that a user of Katib writes
 */
export function katibPath(path: string, spec: AlgorithmSpec | undefined): string {
  const [, index, field = ""] = /^study\.spec\.space\.parameters(\[\d+\])?(?:\.(.*))?$/.exec(path) ?? [];
  // Katib's parameters know of no fidelity: a setting makes them one.
  if (/^fidelity\b/.test(field)) return settingPath("fidelity", spec);
  if (index !== undefined) return `${parameters}${index}${field === "" ? "" : `.${inKatib(field)}`}`;
  const [, option] = /^study\.spec\.(seed|algorithm\..*)$/.exec(path) ?? [];
  if (option !== undefined) return settingPath(option.split(".").at(-1)!, spec);
  return path.replace(/^study\.spec\.space\.parameters/, parameters);
}

/** Of the setting that says what the optimizer's field says, or of the algorithm if none does. */
export function settingPath(field: string, spec: AlgorithmSpec | undefined): string {
  const name = settingNames.get(field) ?? field;
  const index = spec?.algorithmSettings.findIndex((setting) => setting.name === name) ?? -1;
  return index < 0 ? algorithm : `${algorithm}.algorithm_settings[${index}].value`;
}

/** A field of a parameter. */
function inKatib(field: string): string {
  return field
    .replace(/^(?:float|integer)\b/, "feasible_space")
    .replace(/^(?:discrete\.values|categorical\.categories)\b/, "feasible_space.list");
}
