import { type FieldViolation, failedPrecondition, notFound, throwIfInvalid } from "@superbatch/rpc";
import { type Point, type SearchSpace, validatePoint } from "@superbatch/search-space";
import type { Store, Study } from "@superbatch/store";
import { type Knowledge, knowledgeOf } from "./knowledge.ts";
import { signOf } from "./observation.ts";
import { specOf } from "./spec.ts";
import type { SuggestionEngine } from "./suggest/engine.ts";

/** What a study recommends; values as its trainers measure them. */
export interface StudyRecommendation {
  readonly point: Point;
  readonly mean: number;
  readonly sd?: number;
  /** Number of the trial that the point was taken from, and that trial's value. */
  readonly trial: number;
  readonly observedValue: number;
  readonly observations: number;
}

/** What the model predicts at a point; values as trainers measure them. */
export interface Prediction {
  readonly mean: number;
  readonly sd: number;
  readonly expectedCost: number;
  readonly acquisition?: number;
}

/** @throws NOT_FOUND, or FAILED_PRECONDITION before the first result. */
export async function recommend(
  store: Store,
  engine: SuggestionEngine,
  name: string,
  signal: AbortSignal,
): Promise<StudyRecommendation> {
  const { study, knowledge } = await read(store, name);
  const recommendation = await engine.recommend(knowledge.request, signal);
  if (!recommendation) throw failedPrecondition("NO_OBSERVATIONS", { name });
  const { point, mean, standardDeviation, observation } = recommendation;
  const sign = signOf(specOf(study));
  return {
    point,
    mean: sign * mean,
    ...(standardDeviation !== undefined && { sd: standardDeviation }),
    trial: knowledge.observed[observation]!,
    observedValue: sign * knowledge.request.observations[observation]!.value,
    observations: knowledge.observed.length,
  };
}

/**
 * @param points - fidelities that are absent are at their targets, which may lie above what is evaluated.
 * @throws INVALID_ARGUMENT with the path of everything that is not a point of the space, NOT_FOUND, FAILED_PRECONDITION.
 */
export async function predict(
  store: Store,
  engine: SuggestionEngine,
  name: string,
  points: readonly Point[],
  signal: AbortSignal,
): Promise<readonly Prediction[]> {
  const { study, knowledge } = await read(store, name);
  const { space } = specOf(study);
  const complete = points.map((point) => ({ ...targets(space), ...point }));
  const violations = complete.flatMap((point, i): FieldViolation[] =>
    validatePoint(withTargets(space, point), point).map(({ path, message }) => ({
      path: `points[${i}].${path}`,
      message,
    })),
  );
  throwIfInvalid(violations);
  if (knowledge.observed.length === 0) throw failedPrecondition("NO_OBSERVATIONS", { name });
  const predictions = await engine.query(
    { ...knowledge.request, infeasible: knowledge.infeasible, points: complete },
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

async function read(store: Store, name: string): Promise<{ study: Study; knowledge: Knowledge }> {
  return store.transaction(async (tx) => {
    const study = await tx.getStudy(name);
    if (!study) throw notFound("study", name);
    return { study, knowledge: knowledgeOf(study, await tx.listTrials(name)) };
  });
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
