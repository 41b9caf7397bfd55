import type { AlgorithmChoice } from "../domain/experiment.ts";
import type { AlgorithmSpec } from "../generated/api.ts";

/** An algorithm and the fidelities that its settings name. */
export interface AlgorithmReading extends AlgorithmChoice {
  /** Targets by parameter name. */
  readonly fidelities: ReadonlyMap<string, number>;
}

/**
 * What is wrong with an algorithm's settings. Katib shows the message to whoever creates the experiment; the wording is that of Katib's own services, so that what
 * reads it there reads it here.
 */
export class SettingError extends Error {
  /** Of the request. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** Settings in the making: what each setting says, put into the algorithm's own JSON form. */
interface Draft {
  kind: string;
  model: Record<string, unknown>;
  seed?: number;
  fidelities: Map<string, number>;
}

/** Kinds by algorithm name; those with a model take its options. */
const algorithms: ReadonlyMap<string, { readonly kind: string; readonly hasModel: boolean }> = new Map([
  ["superbatch", { kind: "entropySearch", hasModel: true }],
  ["superbatch-fabolas", { kind: "fabolas", hasModel: true }],
  ["superbatch-ei", { kind: "expectedImprovement", hasModel: true }],
  ["superbatch-tpe", { kind: "tpe", hasModel: false }],
  ["superbatch-asha", { kind: "asha", hasModel: false }],
  ["superbatch-sobol", { kind: "sobol", hasModel: false }],
  ["superbatch-random", { kind: "random", hasModel: false }],
]);

type Setting = (draft: Draft, name: string, value: string) => void;

const unsupported = (name: string, value: string) => `${name} ${value} is not supported in Bayesian optimization`;
const atLeastZero = (name: string) => `${name} should be great or equal than zero`;

/** Settings of every algorithm. */
const shared: Readonly<Record<string, Setting>> = {
  random_state(draft, name, value) {
    draft.seed = wholeNumber(name, value);
  },
  fidelities(draft, name, value) {
    for (const entry of value.split(",").filter((text) => text.trim() !== "")) {
      const [, parameter, target] = /^\s*([^=]+?)\s*=\s*(\S+)\s*$/.exec(entry) ?? [];
      if (parameter === undefined || !Number.isFinite(Number(target)))
        throw new Error(`${name}: "${entry}" is not of the form parameter=target, such as super_batch=50000`);
      draft.fidelities.set(parameter, Number(target));
    }
  },
};

/** Settings of algorithms with a model. Katib's names where its Bayesian optimization has them. */
const ofModels: Readonly<Record<string, Setting>> = {
  n_initial_points(draft, name, value) {
    draft.model.initialPoints = wholeNumber(name, value);
  },
  base_estimator(_, name, value) {
    if (value !== "GP") throw new Error(unsupported(name, value));
  },
  acq_func(draft, name, value) {
    if (value === "EI" || value === "EIps") {
      draft.kind = "expectedImprovement";
      draft.model.ignoreCost = value === "EI";
    } else if (value !== "ES") throw new Error(unsupported(name, value));
  },
  acq_optimizer(_, name, value) {
    if (value !== "auto") throw new Error(unsupported(name, value));
  },
};

/** @throws {SettingError} for the first thing that is wrong. */
export function readAlgorithm(spec: AlgorithmSpec | undefined): AlgorithmReading {
  const name = spec?.algorithmName ?? "";
  const path = "experiment.spec.algorithm";
  const algorithm = algorithms.get(name);
  if (!algorithm) throw new SettingError(`${path}.algorithm_name`, `unknown algorithm name ${name}`);
  const settings = { ...shared, ...(algorithm.hasModel && ofModels) };
  const draft: Draft = { kind: algorithm.kind, model: {}, fidelities: new Map() };
  for (const [index, setting] of (spec?.algorithmSettings ?? []).entries()) {
    const place = `${path}.algorithm_settings[${index}]`;
    const take = Object.hasOwn(settings, setting.name) ? settings[setting.name] : undefined;
    if (!take) throw new SettingError(`${place}.name`, `unknown setting ${setting.name} for algorithm ${name}`);
    try {
      take(draft, setting.name, setting.value);
    } catch (error) {
      throw new SettingError(`${place}.value`, (error as Error).message);
    }
  }
  const { kind, model, seed, fidelities } = draft;
  const options = Object.keys(model).length > 0 ? { model } : {};
  return { spec: { [kind]: options }, fidelities, ...(seed !== undefined && { seed }) };
}

function wholeNumber(name: string, value: string): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (number < 0) throw new Error(atLeastZero(name));
  if (!Number.isSafeInteger(number)) throw new Error(`${name} should be a whole number, not ${value}`);
  return number;
}
