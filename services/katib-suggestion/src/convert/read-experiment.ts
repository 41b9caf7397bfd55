import type { FieldViolation } from "@superbatch/rpc";
import { validateSpace } from "@superbatch/search-space";
import type { Experiment } from "../domain/experiment.ts";
import type { Experiment as ExperimentMessage } from "../generated/api.ts";
import { katibPath, settingPath } from "./katib-path.ts";
import { readAlgorithm } from "./read-algorithm.ts";
import { readSpace } from "./read-space.ts";

/** What the optimizer takes as a metric's name; others stand as "objective". */
const metricName = /^[A-Za-z][A-Za-z0-9_\-./]{0,127}$/;

/**
 * An experiment and everything that is wrong with its space and objective.
 *
 * @throws {SettingError} if its algorithm or a setting is wrong.
 */
export function readExperiment(sent: ExperimentMessage | undefined): {
  readonly experiment: Experiment;
  readonly violations: readonly FieldViolation[];
} {
  const { name = "", spec } = sent ?? {};
  const { fidelities, ...algorithm } = readAlgorithm(spec?.algorithm);
  const { parameters, texts, violations } = readSpace(spec?.parameterSpecs?.parameters ?? [], fidelities);
  const problems = [...violations];
  const report = (path: string, message: string) => problems.push({ path, message });
  if (spec?.nasConfig) report("experiment.spec.nas_config", "neural architecture search is not what this service does");
  for (const fidelity of fidelities.keys()) {
    if (!parameters.some((parameter) => parameter.name === fidelity))
      report(settingPath("fidelity", spec?.algorithm), `fidelities: there is no parameter ${fidelity}`);
  }
  // Katib validates the settings of an experiment without parameters too.
  if (problems.length === 0 && parameters.length > 0) {
    for (const { path, message } of validateSpace({ parameters, constraints: [] }))
      report(katibPath(`study.spec.space.${path}`, spec?.algorithm), message);
  }
  const metric = spec?.objective?.objectiveMetricName ?? "";
  const goal = spec?.objective?.type === "MAXIMIZE" ? "maximize" : "minimize";
  const named = metricName.test(metric) ? metric : "objective";
  return { experiment: { name, parameters, texts, metric: named, goal, algorithm }, violations: problems };
}
