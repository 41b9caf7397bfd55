import type { AlgorithmSpec } from "../generated/api.ts";

/** Of the algorithm and of the parameters in Katib's request. */
export const algorithmPath = "experiment.spec.algorithm";
export const parametersPath = "experiment.spec.parameter_specs.parameters";

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
  const [, parameter] = /^study\.spec\.space\.parameters(.*)$/.exec(path) ?? [];
  if (parameter !== undefined) {
    // Katib's parameters know of no fidelity: a setting makes them one.
    if (/^\[\d+\]\.fidelity\b/.test(parameter)) return settingPath("fidelity", spec);
    return `${parametersPath}${inKatib(parameter)}`;
  }
  const ofAlgorithm = /^study\.spec\.(?:seed$|algorithm\.)/.test(path);
  return ofAlgorithm ? settingPath(path.split(".").at(-1)!, spec) : path;
}

/** Of the setting that says what the optimizer's field says, or of the algorithm if none does. */
export function settingPath(field: string, spec: AlgorithmSpec | undefined): string {
  const name = settingNames.get(field) ?? field;
  const index = spec?.algorithmSettings.findIndex((setting) => setting.name === name) ?? -1;
  return index < 0 ? algorithmPath : `${algorithmPath}.algorithm_settings[${index}].value`;
}

/** The rest of a path, from a parameter's index on. */
function inKatib(parameter: string): string {
  return parameter
    .replace(/^(\[\d+\])\.(?:float|integer)\b/, "$1.feasible_space")
    .replace(/^(\[\d+\])\.(?:discrete\.values|categorical\.categories)\b/, "$1.feasible_space.list");
}
