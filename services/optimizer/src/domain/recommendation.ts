import { leastProbability } from "@superbatch/acquisition";
import { type FieldViolation, failedPrecondition, throwIfInvalid } from "@superbatch/rpc";
import { type Point, type SearchSpace, validatePoint } from "@superbatch/search-space";
import type { Knowledge } from "./knowledge.ts";
import type { KnownStudy } from "./known-studies.ts";
import { signOf } from "./observation.ts";
import { specOf } from "./spec.ts";
import { modelOptions } from "./suggest/algorithms.ts";
import type { QueryRequest, SuggestionEngine } from "./suggest/engine.ts";

/** What a study recommends; values as its trainers measure them. */
export interface StudyRecommendation {
  readonly point: Point;
  readonly mean: number;
  readonly sd?: number;
  /** Number of the trial that the point was taken from, and that trial's value. */
  readonly trial: number;
  readonly observedValue: number;
  readonly observations: number;
  /** Probability that the outcome constraints hold; absent in a study without them. */
  readonly feasibility?: number;
  /** No evaluated point keeps them with a probability of one half. */
  readonly constraintsUnmet: boolean;
}

/** What the model predicts at a point; values as trainers measure them. */
export interface Prediction {
  readonly mean: number;
  readonly sd: number;
  readonly expectedCost: number;
  readonly acquisition?: number;
}

/** What was recommended: the same knowledge always gives the same. */
const recommended = new WeakMap<Knowledge, StudyRecommendation>();

/** @throws FAILED_PRECONDITION before the first result. */
export async function recommend(
  engine: SuggestionEngine,
  { study, knowledge }: KnownStudy,
  signal: AbortSignal,
): Promise<StudyRecommendation> {
  const before = recommended.get(knowledge);
  if (before) return before;
  const recommendation = await engine.recommend(knowledge.request, signal);
  if (!recommendation) throw failedPrecondition("NO_OBSERVATIONS", { name: study.name });
  const { point, mean, standardDeviation, observation, feasibility } = recommendation;
  const sign = signOf(specOf(study));
  const result = {
    point,
    mean: sign * mean,
    ...(standardDeviation !== undefined && { sd: standardDeviation }),
    trial: knowledge.observed[observation]!,
    observedValue: sign * knowledge.request.observations[observation]!.value,
    observations: knowledge.observed.length,
    ...(feasibility !== undefined && { feasibility }),
    constraintsUnmet: feasibility !== undefined && feasibility < leastProbability,
  };
  // Where the model was away, the next question may find it back.
  if (recommendation.basis === "model" || !modelOptions(knowledge.request.algorithm))
    recommended.set(knowledge, result);
  return result;
}

/**
 * @param points - fidelities that are absent are at their targets, which may lie above what is evaluated.
 * @throws INVALID_ARGUMENT with the path of everything that is not a point of the space, FAILED_PRECONDITION.
 */
export async function predict(
  engine: SuggestionEngine,
  { study, knowledge }: KnownStudy,
  { points, withoutAcquisition }: Pick<QueryRequest, "points" | "withoutAcquisition">,
  signal: AbortSignal,
): Promise<readonly Prediction[]> {
  const { space } = specOf(study);
  const complete = points.map((point) => ({ ...targets(space), ...point }));
  const violations = complete.flatMap((point, i): FieldViolation[] =>
    validatePoint(withTargets(space, point), point).map(({ path, message }) => ({
      path: `points[${i}].${path}`,
      message,
    })),
  );
  throwIfInvalid(violations);
  if (knowledge.observed.length === 0) throw failedPrecondition("NO_OBSERVATIONS", { name: study.name });
  const predictions = await engine.query(
    { ...knowledge.request, infeasible: knowledge.infeasible, points: complete, withoutAcquisition },
    signal,
  );
  const sign = signOf(specOf(study));
  return predictions.map(({ mean, standardDeviation, expectedCost, acquisition }) => ({
    mean: sign * mean,
    sd: standardDeviation,
    expectedCost,
    ...(acquisition !== undefined && { acquisition }),
  }));
}

function targets(space: SearchSpace): Point {
  const fidelities = space.parameters.filter(({ fidelity }) => fidelity);
  return Object.fromEntries(fidelities.map(({ name, fidelity }) => [name, fidelity!.target]));
}

/** The space with each fidelity that is at its target in the point fixed there, since a target may be above its domain. */
function withTargets(space: SearchSpace, point: Point): SearchSpace {
  const parameters = space.parameters.map((parameter) => {
    const { name, fidelity } = parameter;
    if (!fidelity || point[name] !== fidelity.target) return parameter;
    return { name, domain: { kind: "fixed", value: fidelity.target } } as const;
  });
  return { ...space, parameters };
}
