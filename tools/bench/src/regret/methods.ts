import type { AlgorithmSpec } from "@superbatch/optimizer/suggest";
import { type BotorchSettings, createBotorchSearch } from "./botorch-search.ts";
import { createEngineSearch } from "./engine-search.ts";
import type { Problem } from "./problem.ts";
import type { Search } from "./search.ts";

/** A contender. Its name is also that of its file of records. */
export interface Method {
  readonly name: string;
  readonly title: string;
  /** `ours`: the default algorithm; `baseline`: others of the same service; `peer`: other software, recorded once. */
  readonly role: "ours" | "baseline" | "peer";
  /** All that its results depend on besides source code. */
  readonly settings: unknown;
  start(problem: Problem, seed: number): Search;
}

export const methods: readonly Method[] = [
  engine("entropy-search", "entropy search per cost (ours)", { kind: "entropy-search" }, "ours"),
  engine("entropy-search-at-target", "entropy search at the target", { kind: "entropy-search", fidelities: {} }),
  engine("fabolas", "Fabolas", { kind: "fabolas" }),
  engine("expected-improvement", "expected improvement per cost", { kind: "expected-improvement" }),
  engine("asha", "ASHA", { kind: "asha" }),
  engine("tpe", "TPE", { kind: "tpe" }),
  engine("sobol", "Sobol", { kind: "sobol" }),
  engine("random", "random", { kind: "random" }),
  botorch("botorch-mf-mes", "BoTorch MF-MES", {
    acquisition: "max-value-entropy",
    restarts: 4,
    rawSamples: 64,
    iterations: 50,
    power: 1,
    levels: [0, 2 / 3],
  }),
  botorch("botorch-mf-kg", "BoTorch MF-KG", {
    acquisition: "knowledge-gradient",
    fantasies: 8,
    restarts: 2,
    rawSamples: 32,
    iterations: 30,
    power: 1,
    levels: [0, 2 / 3],
  }),
];

function engine(name: string, title: string, spec: AlgorithmSpec, role: Method["role"] = "baseline"): Method {
  const start = ({ name: problem, space }: Problem, seed: number) =>
    createEngineSearch(space, spec, studySeed(problem, seed));
  return { name, title, role, settings: spec, start };
}

function botorch(name: string, title: string, settings: BotorchSettings): Method {
  const start = ({ name: problem, space }: Problem, seed: number) =>
    createBotorchSearch(space, settings, studySeed(problem, seed), seed);
  return { name, title, role: "peer", settings, start };
}

/** Methods with the same initial design begin a study of one seed with the same trials. */
function studySeed(problem: string, seed: number): string {
  return `${problem} ${seed}`;
}
