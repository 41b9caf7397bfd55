import { createRng } from "@superbatch/random";
import { createSobolSampler, type FidelityEffect, type Point, type SearchSpace } from "@superbatch/search-space";
import type { AlgorithmSpec } from "../algorithm-spec.ts";
import type { Observation, Suggestion, SuggestionEngine } from "../engine.ts";

/** Two hyperparameters and a super-batch size whose target is 50,000. */
export const space: SearchSpace = {
  parameters: [
    { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    { name: "y", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    {
      name: "super_batch",
      domain: { kind: "integer", min: 128, max: 50_000, scale: "log" },
      fidelity: { target: 50_000, basis: "fabolas" },
    },
  ],
  constraints: [],
};

/** The same, where the super-batch is believed to do as much as hyperparameters, or little. */
export function spaceWith(effect: FidelityEffect): SearchSpace {
  const parameters = space.parameters.map((each) =>
    each.fidelity ? { ...each, fidelity: { ...each.fidelity, effect } } : each,
  );
  return { ...space, parameters };
}

/** A bowl with a ripple; small super-batches shift its minimum, at (0.3, 0.7) at the target, and lift it. */
export function observe(point: Point): Observation {
  const [x, y, superBatch] = [point.x, point.y, point.super_batch] as [number, number, number];
  const s = Math.log(superBatch / 128) / Math.log(50_000 / 128);
  const gap = (1 - s) ** 2;
  const [dx, dy] = [x - 0.3 - 0.15 * gap, y - 0.7 + 0.1 * gap];
  const ripple = 0.05 * (2 - Math.cos(12 * dx) - Math.cos(12 * dy));
  return { point, value: dx * dx + dy * dy + ripple + 0.3 * gap, cost: 20 ** s };
}

/** Distance of a recommendation's value at the target from the minimum, which is 0. */
export function regret(point: Point): number {
  return observe({ ...point, super_batch: 50_000 }).value;
}

/** Observations all over the space, fidelities included. */
export function observeSobol(count: number): Observation[] {
  const sampler = createSobolSampler(space, createRng("observations"));
  return Array.from({ length: count }, () => observe(sampler.next()));
}

export interface Run {
  readonly suggestions: readonly Suggestion[];
  readonly observations: readonly Observation[];
}

/** A study with one trainer: suggests and observes until the budget of total cost, or of trials, is used. */
export async function runStudy(
  engine: SuggestionEngine,
  algorithm: AlgorithmSpec,
  seed: string,
  budget: { readonly cost?: number; readonly trials?: number },
  priors: readonly (readonly Observation[])[] = [],
): Promise<Run> {
  const suggestions: Suggestion[] = [];
  const observations: Observation[] = [];
  let spent = 0;
  while (spent < (budget.cost ?? Number.POSITIVE_INFINITY) && observations.length < (budget.trials ?? 1000)) {
    const request = { space, algorithm, seed, observations, priors, infeasible: [], pending: [], count: 1 };
    const [suggestion] = await engine.suggest(
      { ...request, sequence: suggestions.length },
      new AbortController().signal,
    );
    const observation = observe(suggestion!.point);
    suggestions.push(suggestion!);
    observations.push(observation);
    spent += observation.cost;
  }
  return { suggestions, observations };
}
