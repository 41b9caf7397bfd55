import { compareFidelities, recommend as recommendByModel, type SurrogatePosterior } from "@superbatch/acquisition";
import type { Recommendation } from "./engine.ts";
import { fidelitiesOf, targetFidelities } from "./fidelities.ts";
import { bestFirst } from "./model-observations.ts";
import type { StudyData } from "./study-data.ts";

/** Evaluated points that a recommendation is chosen from: of more, the best at each combination of fidelities. */
const mostCandidates = 1_000;

/**
 * The evaluated hyperparameters with the lowest posterior mean at the target (algorithms: section 3, item 5).
 *
 * @throws {RangeError} without observations; whatever the model throws.
 */
export async function recommendFromModel(
  data: StudyData,
  model: SurrogatePosterior,
  signal: AbortSignal,
): Promise<Recommendation> {
  const indices = promising(data);
  const evaluated = indices.map((index) => data.x[index]!);
  const best = await recommendByModel({ surrogate: model, space: data.candidates, evaluated, signal });
  const observation = indices[best.index!]!;
  return {
    point: atTarget(data, observation),
    mean: data.scale.fromModel(best.mean),
    standardDeviation: data.scale.spreadFromModel(best.mean, best.sd),
    observation,
    basis: "model",
  };
}

function promising({ space, observations }: StudyData): number[] {
  if (observations.length <= mostCandidates) return Array.from(observations.keys());
  const best = bestFirst(
    observations,
    fidelitiesOf(space).map(({ name }) => name),
  );
  return best.slice(0, mostCandidates).sort((i, j) => i - j);
}

/** The lowest value among the observations of highest fidelity, the oldest of equals: what can be said without a model. */
export function recommendFromObservations(data: StudyData): Recommendation {
  let observation = 0;
  data.observations.forEach(({ value }, i) => {
    const higher = compareFidelities(data.candidates, data.x[i]!, data.x[observation]!);
    if (higher > 0 || (higher === 0 && value < data.observations[observation]!.value)) observation = i;
  });
  return {
    point: atTarget(data, observation),
    mean: data.observations[observation]!.value,
    observation,
    basis: "observed",
  };
}

function atTarget({ space, observations }: StudyData, observation: number): Recommendation["point"] {
  return { ...observations[observation]!.point, ...targetFidelities(space) };
}
