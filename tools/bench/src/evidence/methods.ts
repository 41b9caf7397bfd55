import type { AlgorithmSpec } from "@superbatch/optimizer/suggest";
import type { FidelityEffect } from "@superbatch/search-space";
import type { Cell } from "../recorded/design.ts";
import type { BotorchSettings } from "../regret/botorch-search.ts";

/** What a study may choose besides the hyperparameters. */
export type FidelityName = "super_batch" | "data_share" | "epochs";

/** A contender. Its name is also that of its file of records. */
export interface Method {
  readonly name: string;
  readonly title: string;
  /** `ours`: the default algorithm; `baseline`: others of the same service; `peer`: other software; `variant`: run only if it is named. */
  readonly role: "ours" | "baseline" | "peer" | "variant";
  /** By the optimizer's service, or by other software. */
  readonly search: AlgorithmSpec | PeerSpec;
  /** Absent: hyperparameters alone. */
  readonly fidelity?: FidelityName;
  /** What B is believed to do, where it is chosen. @default "small" */
  readonly effect?: FidelityEffect;
  /** How trials choose their examples where the fidelity does not say. */
  readonly cell: Cell;
  /** Whether the service stops trials by their learning curves. @default false */
  readonly stopsEarly?: boolean;
  /** What is different in its world. */
  readonly world?: World;
}

/** Software of others. */
export type PeerSpec =
  | { readonly kind: "optuna"; readonly sampler: "tpe" | "gp" }
  | ({ readonly kind: "botorch" } & BotorchSettings);

export interface World {
  /** Multiplies how far a training deviates from its expected curve. @default 1 */
  readonly noise?: number;
  /** Multiplies the seconds of scoring. @default 1 */
  readonly scoring?: number;
  /** Promotions of successive halving train anew in place of going on from a checkpoint. @default false */
  readonly anew?: boolean;
}

const uniform: Cell = { family: "uniform", level: 1 };
const always = (level: number): Cell => ({ family: "always", level });

export const methods: readonly Method[] = [
  {
    name: "entropy-search",
    title: "entropy search per cost, B learned (ours)",
    role: "ours",
    search: { kind: "entropy-search" },
    fidelity: "super_batch",
    cell: uniform,
  },
  plain("entropy-search-uniform", "entropy search, uniform SGD", { kind: "entropy-search" }),
  plain("entropy-search-4b", "entropy search, B = 4b", { kind: "entropy-search" }, always(4)),
  plain("entropy-search-16b", "entropy search, B = 16b", { kind: "entropy-search" }, always(16)),
  {
    name: "fabolas",
    title: "Fabolas (share of the data)",
    role: "baseline",
    search: { kind: "fabolas" },
    fidelity: "data_share",
    cell: uniform,
  },
  plain("expected-improvement", "expected improvement per cost", { kind: "expected-improvement" }),
  {
    name: "asha",
    title: "ASHA (epochs)",
    role: "baseline",
    search: { kind: "asha" },
    fidelity: "epochs",
    cell: uniform,
  },
  plain("tpe", "TPE", { kind: "tpe" }),
  plain("random", "random search", { kind: "random" }),
  {
    name: "optuna-gp",
    title: "Optuna's GP sampler",
    role: "peer",
    search: { kind: "optuna", sampler: "gp" },
    cell: uniform,
  },
  {
    name: "optuna-tpe",
    title: "Optuna's TPE sampler",
    role: "peer",
    search: { kind: "optuna", sampler: "tpe" },
    cell: uniform,
  },
  {
    name: "botorch-mf-kg",
    title: "BoTorch MF-KG over B",
    role: "peer",
    search: {
      kind: "botorch",
      acquisition: "knowledge-gradient",
      fantasies: 8,
      restarts: 2,
      rawSamples: 32,
      iterations: 30,
      power: 1,
      levels: [0, 1 / 5],
      // As recorded: a training at B = b costs this share of one at the target.
      fixedCost: 0.23,
    },
    fidelity: "super_batch",
    cell: uniform,
  },
  ...[
    variant("ignore-cost", "cost ignored", { ignoreCost: true }),
    variant("unverified", "no verification at the target (as published)", { verification: 0 }),
    variant("1-initial-level", "initial points at one B each", { initialFidelities: 1 }),
    variant("2-initial-points", "two initial points", { initialPoints: 2 }),
    variant("all-paired", "a pair of B at all initial points", { pairedPoints: 1000 }),
    variant("map", "the model's most probable hyperparameters alone", { inference: "map" }),
    variant("map-unverified", "the model's most probable hyperparameters alone, no verification", {
      verification: 0,
      inference: "map",
    }),
    variant("1-sample", "one sample of the model's hyperparameters", { hyperparameterSamples: 1 }),
    variant("30-samples", "30 samples of the model's hyperparameters", { hyperparameterSamples: 30 }),
    variant("fidelity-noise", "noise that depends on B", { gaussianProcess: { fidelityNoise: true } }),
    variant("task-kernel", "task kernel alone (as published)", { gaussianProcess: { fidelityKernel: "task" } }),
    variant("no-task-kernel", "no task kernel", { gaussianProcess: { fidelityKernel: "distance" } }),
    variant("10-representers", "10 representers", { representers: 10 }),
    variant("200-representers", "200 representers", { representers: 200 }),
    variant("noise-2", "twice the noise", {}, { noise: 2 }),
    variant("scoring-0.25", "scoring at a quarter of its cost", {}, { scoring: 0.25 }),
    variant("scoring-4", "scoring at four times its cost", {}, { scoring: 4 }),
  ],
  learned("knowledge-gradient", "knowledge gradient per cost, B learned", { kind: "knowledge-gradient" }),
  learned("max-value-entropy", "max-value entropy per cost, B learned", { kind: "max-value-entropy" }),
  ...[
    variant("open-effect", "B believed to matter as much as hyperparameters", {}),
    variant("open-effect-1-pair", "the same, a pair of B at one initial point", { pairedPoints: 1 }),
    variant("open-effect-map", "the same, most probable hyperparameters", { inference: "map" }),
    variant("open-effect-map-unverified", "the same, most probable hyperparameters, no verification", {
      verification: 0,
      inference: "map",
    }),
    learned(
      "knowledge-gradient-open-effect",
      "knowledge gradient per cost, B believed to matter as much as hyperparameters",
      { kind: "knowledge-gradient" },
    ),
  ].map((method): Method => ({ ...method, effect: "open" })),
  {
    ...plain("entropy-search-uniform-stopped", "entropy search, uniform SGD, early stopping", {
      kind: "entropy-search",
    }),
    role: "variant",
    stopsEarly: true,
  },
  {
    ...plain("random-noise-2", "random search, twice the noise", { kind: "random" }),
    role: "variant",
    world: { noise: 2 },
  },
  {
    name: "asha-anew",
    title: "ASHA, promotions trained anew",
    role: "variant",
    search: { kind: "asha" },
    fidelity: "epochs",
    cell: uniform,
    world: { anew: true },
  },
];

/** A method that tunes the hyperparameters alone. */
function plain(name: string, title: string, search: AlgorithmSpec, cell = uniform): Method {
  return { name, title, role: "baseline", search, cell };
}

/** A variant that tunes B with the hyperparameters. */
function learned(name: string, title: string, search: AlgorithmSpec, world?: World): Method {
  return { name, title, role: "variant", search, fidelity: "super_batch", cell: uniform, ...(world && { world }) };
}

type EntropySearchOptions = Omit<Extract<AlgorithmSpec, { kind: "entropy-search" }>, "kind">;

/** Ours but for one thing. */
function variant(name: string, title: string, options: EntropySearchOptions, world?: World): Method {
  return learned(`entropy-search-${name}`, `ours, ${title}`, { kind: "entropy-search", ...options }, world);
}
