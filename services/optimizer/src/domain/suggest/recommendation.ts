import { compareFidelities, recommend as recommendByModel, type SurrogatePosterior } from "@superbatch/acquisition";
import type { Recommendation } from "./engine.ts";
import { targetFidelities } from "./fidelities.ts";
import type { StudyData } from "./study-data.ts";

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
  const best = await recommendByModel({ surrogate: model, space: data.candidates, evaluated: data.x, signal });
  const observation = best.index!;
  return {
    point: atTarget(data, observation),
    mean: data.scale.fromModel(best.mean),
    standardDeviation: data.scale.spreadFromModel(best.mean, best.sd),
    observation,
    basis: "model",
  };
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
