import type { SearchSpace } from "@superbatch/search-space";
import type { Trial } from "@superbatch/store";
import type { Objective } from "./spec.ts";

/**
 * Whether a completed trial replaces the best one so far: the larger fidelity wins (fidelities in the space's order), at equal
 * fidelities the better value, at equal values the older trial.
 */
export function isBetter(space: SearchSpace, objective: Objective, candidate: Trial, best: Trial | undefined): boolean {
  if (!best) return true;
  for (const { name, fidelity } of space.parameters) {
    if (!fidelity) continue;
    const difference = Number(candidate.point[name]) - Number(best.point[name]);
    if (difference !== 0) return difference > 0;
  }
  const sign = objective.goal === "maximize" ? -1 : 1;
  const difference = sign * (candidate.measurement!.value - best.measurement!.value);
  return difference < 0 || (difference === 0 && candidate.number < best.number);
}
