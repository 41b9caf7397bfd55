import type { Point } from "@superbatch/search-space";
import { heldStates, type Study, type Trial } from "@superbatch/store";
import { explanationOf } from "./explanation.ts";
import { currentPoint, learnedFrom, signOf } from "./observation.ts";
import { priorObservations } from "./prior-studies.ts";
import { specOf } from "./spec.ts";
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

/**
 * Gathers what the engine needs. Points of older versions of the space are mapped to the present one; those outside of it are left out.
 *
 * @param trials - all of the study's trials by number.
 */
export function knowledgeOf(study: Study, trials: readonly Trial[]): Knowledge {
  const spec = specOf(study);
  const { outcomeConstraints } = spec;
  const observations: Observation[] = [];
  const observed: number[] = [];
  const infeasible: Point[] = [];
  const pending: Point[] = [];
  let suggested = 0;
  for (const trial of trials) {
    const { origin, verification = false } = explanationOf(trial);
    if (origin !== "user") suggested++;
    const point = currentPoint(spec, study.spaceVersion, trial);
    if (!point) continue;
    if (trial.measurement) {
      const { value, cost } = learnedFrom(trial.measurement);
      const { metrics } = trial.measurement;
      observations.push({
        point,
        value: signOf(spec) * value,
        cost,
        ...(verification && { verification }),
        ...(outcomeConstraints && { outcomes: outcomeConstraints.map(({ metric }) => metrics[metric]!) }),
      });
      observed.push(trial.number);
    } else if (trial.state === "infeasible") infeasible.push(point);
    else if (trial.state === "suggested" || isHeld(trial)) pending.push(point);
  }
  const { space, algorithm, seed, objective } = spec;
  const priors = (spec.priors ?? []).map((prior) => priorObservations(prior, spec).observations);
  const request = {
    space,
    algorithm,
    seed: String(seed),
    observations,
    transform: objective.transform,
    ...(priors.some(({ length }) => length > 0) && { priors }),
    ...(outcomeConstraints && { outcomeConstraints }),
  };
  return { request, observed, infeasible, pending, suggested };
}

export function isHeld({ state }: Trial): boolean {
  return (heldStates as readonly string[]).includes(state);
}
