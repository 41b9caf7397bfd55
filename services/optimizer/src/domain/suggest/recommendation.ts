import {
  compareFidelities,
  type ProbabilityModel,
  recommend as recommendByModel,
  type SurrogatePosterior,
} from "@superbatch/acquisition";
import type { Recommendation } from "./engine.ts";
import { fidelitiesOf, targetFidelities } from "./fidelities.ts";
import { bestFirst } from "./model-observations.ts";
import { violations } from "./outcomes.ts";
import type { StudyData } from "./study-data.ts";

/** Evaluated points that a recommendation is chosen from: of more, the best at each combination of fidelities. */
const mostCandidates = 1_000;

/** Probability below which the model does not tell any more which x is the likelier one. */
const hopeless = 1e-6;

/**
 * The evaluated hyperparameters with the lowest posterior mean at the target (algorithms: section 3, item 5), of those that keep the outcome constraints
 * more likely than not; if there are none, those that most probably do, and where none has a chance, those of {@link recommendFromObservations}.
 *
 * @param recommendable - probability that an x keeps the constraints; absent without any.
 * @throws {RangeError} without observations; whatever the model throws.
 */
export async function recommendFromModel(
  data: StudyData,
  model: SurrogatePosterior,
  signal: AbortSignal,
  recommendable?: ProbabilityModel,
): Promise<Recommendation> {
  const indices = promising(data);
  const evaluated = indices.map((index) => data.x[index]!);
  const request = { surrogate: model, space: data.candidates, recommendable, signal };
  let best = await recommendByModel({ ...request, evaluated });
  let observation = indices[best.index!]!;
  if (best.probability !== undefined && best.probability < hopeless) {
    ({ observation } = recommendFromObservations(data));
    best = await recommendByModel({ ...request, evaluated: [data.x[observation]!] });
  }
  return {
    point: atTarget(data, observation),
    mean: data.scale.fromModel(best.mean),
    standardDeviation: data.scale.spreadFromModel(best.mean, best.sd),
    observation,
    basis: "model",
    ...(best.probability !== undefined && { feasibility: best.probability }),
  };
}

function promising({ space, observations, outcomeConstraints }: StudyData): number[] {
  if (observations.length <= mostCandidates) return Array.from(observations.keys());
  const best = bestFirst(
    observations,
    fidelitiesOf(space).map(({ name }) => name),
    violations({ observations, outcomeConstraints }),
  );
  return best.slice(0, mostCandidates).sort((i, j) => i - j);
}

/**
 * The lowest value among the observations of highest fidelity, the oldest of equals: what can be said without a model. Those that keep the outcome constraints
 * come first, at whatever fidelity; if none does, the one of highest fidelity that misses them by least.
 */
export function recommendFromObservations(data: StudyData): Recommendation {
  const missed = violations(data);
  const keeping = [...missed.keys()].filter((i) => missed[i] === 0);
  const eligible = keeping.length > 0 ? keeping : [...missed.keys()];
  let observation = eligible[0]!;
  for (const i of eligible) {
    const higher = compareFidelities(data.candidates, data.x[i]!, data.x[observation]!);
    const excess = missed[i]! - missed[observation]!;
    const lower = data.observations[i]!.value < data.observations[observation]!.value;
    if (higher > 0 || (higher === 0 && (excess < 0 || (excess === 0 && lower)))) observation = i;
  }
  return {
    point: atTarget(data, observation),
    mean: data.observations[observation]!.value,
    observation,
    basis: "observed",
    ...(data.outcomeConstraints.length > 0 && { feasibility: missed[observation] === 0 ? 1 : 0 }),
  };
}

function atTarget({ space, observations }: StudyData, observation: number): Recommendation["point"] {
  return { ...observations[observation]!.point, ...targetFidelities(space) };
}
