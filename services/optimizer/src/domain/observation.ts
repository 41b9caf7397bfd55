import { mapPoint, type Point } from "@superbatch/search-space";
import type { Measurement, Trial } from "@superbatch/store";
import { type StudySpec, spaceOfVersion } from "./spec.ts";

/** Sign that makes every objective one to minimize. */
export function signOf({ objective }: StudySpec): 1 | -1 {
  return objective.goal === "maximize" ? -1 : 1;
}

/** What the model takes for a result: of a run that was stopped by its learning curve what that would have ended with. */
export function learnedFrom({ value, cost, priorCost = 0, extrapolated }: Measurement): {
  value: number;
  cost: number;
} {
  return extrapolated ?? { value, cost: cost.total + priorCost };
}

/** The trial's point in the present space, undefined if it has no place there. */
export function currentPoint(spec: StudySpec, version: number, trial: Trial): Point | undefined {
  if (trial.spaceVersion === version) return trial.point;
  const mapped = mapPoint(spaceOfVersion(spec, trial.spaceVersion), spec.space, trial.point, spec.formerValues);
  return mapped.kind === "outside" ? undefined : mapped.point;
}
