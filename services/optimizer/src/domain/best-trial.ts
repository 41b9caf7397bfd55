import type { SearchSpace } from "@superbatch/search-space";
import type { StoreTransaction, Study, Trial } from "@superbatch/store";
import { currentPoint } from "./observation.ts";
import { type Objective, specOf } from "./spec.ts";

/** Lets completed trials replace the study's best one. Points are compared in the present space; a trial outside of it is never the best. */
export async function updateBest(tx: StoreTransaction, study: Study, completed: readonly Trial[]): Promise<void> {
  const spec = specOf(study);
  const inSpace = (trial: Trial | undefined): Trial | undefined => {
    const point = trial && currentPoint(spec, study.spaceVersion, trial);
    return point && { ...trial!, point };
  };
  let best = study.bestTrial === null ? undefined : inSpace(await tx.getTrial(study.name, study.bestTrial));
  for (const trial of completed) {
    const candidate = inSpace(trial);
    if (candidate && isBetter(spec.space, spec.objective, candidate, best)) best = candidate;
  }
  const bestTrial = best?.number ?? null;
  if (bestTrial !== study.bestTrial) await tx.updateStudy(study.name, { bestTrial });
}

/**
 * Whether a completed trial replaces the best one so far: the larger fidelity wins (fidelities in the space's order), at equal
 * fidelities the better value, at equal values the older trial. Both points are of `space`.
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
