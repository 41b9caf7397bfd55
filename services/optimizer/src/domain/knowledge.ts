import { mapPoint, type Point } from "@superbatch/search-space";
import { heldStates, type Study, type Trial } from "@superbatch/store";
import { explanationOf } from "./explanation.ts";
import { type StudySpec, spaceOfVersion, specOf } from "./spec.ts";
import type { KnowledgeRequest, Observation } from "./suggest/engine.ts";

/** A study as the suggestion engine sees it. */
export interface Knowledge {
  readonly request: KnowledgeRequest;
  /** Number of the trial behind each observation. */
  readonly observed: readonly number[];
  readonly infeasible: readonly Point[];
  /** Points of trials that wait or that workers hold. */
  readonly pending: readonly Point[];
  /** Suggestions of the engine so far. */
  readonly suggested: number;
}

/** Sign that makes every objective one to minimize. */
export function signOf({ objective }: StudySpec): 1 | -1 {
  return objective.goal === "maximize" ? -1 : 1;
}

/**
 * Gathers what the engine needs. Points of older versions of the space are mapped to the present one; those outside of it are left out.
 *
 * @param trials - all of the study's trials by number.
 */
export function knowledgeOf(study: Study, trials: readonly Trial[]): Knowledge {
  const spec = specOf(study);
  const observations: Observation[] = [];
  const observed: number[] = [];
  const infeasible: Point[] = [];
  const pending: Point[] = [];
  let suggested = 0;
  for (const trial of trials) {
    if (explanationOf(trial).origin !== "user") suggested++;
    const point = currentPoint(spec, study.spaceVersion, trial);
    if (!point) continue;
    if (trial.measurement) {
      const { value, cost, priorCost = 0 } = trial.measurement;
      observations.push({ point, value: signOf(spec) * value, cost: cost.total + priorCost });
      observed.push(trial.number);
    } else if (trial.state === "infeasible") infeasible.push(point);
    else if (trial.state === "suggested" || isHeld(trial)) pending.push(point);
  }
  const { space, algorithm, seed, objective } = spec;
  const request = { space, algorithm, seed: String(seed), observations, transform: objective.transform };
  return { request, observed, infeasible, pending, suggested };
}

export function isHeld({ state }: Trial): boolean {
  return (heldStates as readonly string[]).includes(state);
}

/** The trial's point in the present space, undefined if it has no place there. */
export function currentPoint(spec: StudySpec, version: number, trial: Trial): Point | undefined {
  if (trial.spaceVersion === version) return trial.point;
  const mapped = mapPoint(spaceOfVersion(spec, trial.spaceVersion), spec.space, trial.point);
  return mapped.kind === "outside" ? undefined : mapped.point;
}
