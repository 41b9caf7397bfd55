import { optimizer, spaceToProto } from "@superbatch/contracts";
import type { SearchSpace } from "@superbatch/search-space";
import type { SoakOptions } from "./options.ts";

/** One study of the soak. */
export interface SoakStudy {
  readonly id: string;
  /** Share of the trainers that work on it. */
  readonly share: number;
  readonly algorithm: "entropySearch" | "sobol" | "random";
  /** Completed trials; 0: the budget is in cost. */
  readonly maxTrials: number;
  /** Cost; a trial costs 1 on average. 0: the budget is in trials. */
  readonly maxCost: number;
  /** Trials leased at once; 0: no limit. */
  readonly maxParallel: number;
}

const space: SearchSpace = {
  parameters: [
    { name: "rate", domain: { kind: "float", min: 1e-4, max: 1, scale: "log" } },
    { name: "momentum", domain: { kind: "float", min: 0, max: 0.99, scale: "linear" } },
    {
      name: "batch",
      domain: { kind: "integer", min: 64, max: 4096, scale: "log" },
      fidelity: { target: 4096, basis: "fabolas" },
    },
  ],
  constraints: [],
};

export const project = "projects/soak";

/**
 * Most trials are drawn at random, so that the store is what is tried; one study has a limit on cost, one on parallel trials, and a small one
 * is modelled, so that the surrogate has work when it is killed.
 */
export function soakStudies({ trials }: SoakOptions): SoakStudy[] {
  const modelled = Math.min(60, Math.ceil(trials / 20));
  const costly = Math.ceil(trials / 5);
  const few = Math.ceil(trials / 10);
  return [
    { id: "modelled", share: 0.05, algorithm: "entropySearch", maxTrials: modelled, maxCost: 0, maxParallel: 0 },
    { id: "costly", share: 0.2, algorithm: "sobol", maxTrials: 0, maxCost: costly, maxParallel: 0 },
    { id: "few-at-once", share: 0.15, algorithm: "random", maxTrials: few, maxCost: 0, maxParallel: 8 },
    {
      id: "many",
      share: 0.6,
      algorithm: "random",
      maxTrials: trials - modelled - costly - few,
      maxCost: 0,
      maxParallel: 0,
    },
  ];
}

/** Seconds that a lease of the soak holds: short, since many are lost. */
export const leaseSeconds = 5;

/** @param seed - of the study. */
export function specOf({ algorithm, maxTrials, maxCost, maxParallel }: SoakStudy, seed: number): optimizer.StudySpec {
  return optimizer.StudySpec.fromPartial({
    space: spaceToProto(space),
    objective: { metric: "error" },
    algorithm: { kind: { $case: algorithm, value: {} } },
    budget: { maxTrials, maxCost },
    // Many attempts are lost on purpose.
    lease: { leaseSeconds, maxAttempts: 20, maxParallel },
    seed,
  });
}

/** Study of each trainer: as many as the shares say, at least one for each study. */
export function assignTrainers(studies: readonly SoakStudy[], trainers: number): string[] {
  const names = studies.flatMap(({ id, share }) =>
    Array.from({ length: Math.max(1, Math.round(share * trainers)) }, () => `${project}/studies/${id}`),
  );
  const largest = names.at(-1)!;
  return Array.from({ length: trainers }, (_, i) => names[i] ?? largest);
}
