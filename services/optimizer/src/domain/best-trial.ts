import type { SearchSpace } from "@superbatch/search-space";
import type { StoreTransaction, Study, Trial } from "@superbatch/store";
import { currentPoint } from "./observation.ts";
import { keepsAll } from "./outcome-constraints.ts";
import { type Objective, type StudySpec, specOf } from "./spec.ts";

/** Lets completed trials replace the study's best one. See {@link candidateOf} for who can. */
export async function updateBest(tx: StoreTransaction, study: Study, completed: readonly Trial[]): Promise<void> {
  const spec = specOf(study);
  const former = study.bestTrial === null ? undefined : await tx.getTrial(study.name, study.bestTrial);
  let best = former && candidateOf(spec, study.spaceVersion, former);
  for (const trial of completed) {
    const candidate = candidateOf(spec, study.spaceVersion, trial);
    if (candidate && isBetter(spec.space, spec.objective, candidate, best)) best = candidate;
  }
  const bestTrial = best?.number ?? null;
  if (bestTrial !== study.bestTrial) await tx.updateStudy(study.name, { bestTrial });
}

/**
 * A completed trial as it is compared, at its point in the present space. Undefined for what is never the best: outside of that space, or beyond the bounds of an
 * outcome constraint.
 */
export function candidateOf(spec: StudySpec, version: number, trial: Trial): Trial | undefined {
  const point = currentPoint(spec, version, trial);
  return point && keepsAll(spec, trial) ? { ...trial, point } : undefined;
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
