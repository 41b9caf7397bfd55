import type { Fidelity } from "@superbatch/search-space";
import type { AlgorithmChoice } from "../domain/experiment.ts";
import type { AlgorithmSpec } from "../generated/api.ts";
import { algorithmPath } from "./katib-path.ts";

/** An algorithm and the fidelities that its settings name. */
export interface AlgorithmReading extends AlgorithmChoice {
  /** By parameter name. */
  readonly fidelities: ReadonlyMap<string, Fidelity>;
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
  brackets?: number;
  seed?: number;
  fidelities: Map<string, Fidelity>;
}

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
      const [, parameter, target, effect] = /^\s*([^=]+?)\s*=\s*([^\s:]+)(?::(open|small))?\s*$/.exec(entry) ?? [];
      if (parameter === undefined || !Number.isFinite(Number(target)))
        throw new Error(
          `${name}: "${entry}" is not of the form parameter=target or parameter=target:small, such as super_batch=50000:small`,
        );
      draft.fidelities.set(parameter, {
        target: Number(target),
        basis: "fabolas",
        ...(effect === "small" && { effect }),
      });
    }
  },
};

/** Kinds by the value of acq_func, and whether cost is ignored. */
const acquisitions: ReadonlyMap<string, { readonly kind: string; readonly ignoreCost?: boolean }> = new Map([
  ["ES", { kind: "entropySearch" }],
  ["MES", { kind: "maxValueEntropy" }],
  ["KG", { kind: "knowledgeGradient" }],
  ["EI", { kind: "expectedImprovement", ignoreCost: true }],
  ["EIps", { kind: "expectedImprovement", ignoreCost: false }],
]);

/** Settings of algorithms with a model. Katib's names where its Bayesian optimization has them. */
const ofModels: Readonly<Record<string, Setting>> = {
  n_initial_points(draft, name, value) {
    draft.model.initialPoints = wholeNumber(name, value);
  },
  base_estimator(_, name, value) {
    if (value !== "GP") throw new Error(unsupported(name, value));
  },
  acq_func(draft, name, value) {
    const acquisition = acquisitions.get(value);
    // Fabolas is an acquisition and a design; the others are an acquisition.
    if (!acquisition || draft.kind === "fabolas") throw new Error(unsupported(name, value));
    const { kind, ignoreCost } = acquisition;
    draft.kind = kind;
    if (ignoreCost !== undefined) draft.model.ignoreCost = ignoreCost;
  },
  acq_optimizer(_, name, value) {
    if (value !== "auto") throw new Error(unsupported(name, value));
  },
};

/** Settings of successive halving. */
const ofHalving: Readonly<Record<string, Setting>> = {
  brackets(draft, name, value) {
    draft.brackets = wholeNumber(name, value);
  },
};

/** Kinds by algorithm name, with the settings that not all have. */
const algorithms: ReadonlyMap<string, { readonly kind: string; readonly settings?: typeof ofModels }> = new Map([
  ["superbatch", { kind: "entropySearch", settings: ofModels }],
  ["superbatch-mes", { kind: "maxValueEntropy", settings: ofModels }],
  ["superbatch-kg", { kind: "knowledgeGradient", settings: ofModels }],
  ["superbatch-fabolas", { kind: "fabolas", settings: ofModels }],
  ["superbatch-ei", { kind: "expectedImprovement", settings: ofModels }],
  ["superbatch-tpe", { kind: "tpe" }],
  ["superbatch-asha", { kind: "asha", settings: ofHalving }],
  ["superbatch-sobol", { kind: "sobol" }],
  ["superbatch-random", { kind: "random" }],
]);

/** @throws {SettingError} for the first thing that is wrong. */
export function readAlgorithm(spec: AlgorithmSpec | undefined): AlgorithmReading {
  const name = spec?.algorithmName ?? "";
  const algorithm = algorithms.get(name);
  if (!algorithm) throw new SettingError(`${algorithmPath}.algorithm_name`, `unknown algorithm name ${name}`);
  const settings = { ...shared, ...algorithm.settings };
  const draft: Draft = { kind: algorithm.kind, model: {}, fidelities: new Map() };
  for (const [index, setting] of (spec?.algorithmSettings ?? []).entries()) {
    const place = `${algorithmPath}.algorithm_settings[${index}]`;
    const take = Object.hasOwn(settings, setting.name) ? settings[setting.name] : undefined;
    if (!take) throw new SettingError(`${place}.name`, `unknown setting ${setting.name} for algorithm ${name}`);
    try {
      take(draft, setting.name, setting.value);
    } catch (error) {
      throw new SettingError(`${place}.value`, (error as Error).message);
    }
  }
  const { kind, model, brackets, seed, fidelities } = draft;
  const options = { ...(Object.keys(model).length > 0 && { model }), ...(brackets !== undefined && { brackets }) };
  return { spec: { [kind]: options }, fidelities, ...(seed !== undefined && { seed }) };
}

function wholeNumber(name: string, value: string): number {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  if (number < 0) throw new Error(atLeastZero(name));
  if (!Number.isSafeInteger(number)) throw new Error(`${name} should be a whole number, not ${value}`);
  return number;
}
