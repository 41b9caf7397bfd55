import type { OutcomeConstraint } from "@superbatch/contracts";
import { createRng, type Rng } from "@superbatch/random";
import { createCandidateSpace, type EncodedCandidateSpace, encode, type SearchSpace } from "@superbatch/search-space";
import type { KnowledgeRequest, Observation } from "./engine.ts";
import { createValueScale, type ValueScale } from "./value-scale.ts";

/** A study's observations as models see them. */
export interface StudyData {
  readonly space: SearchSpace;
  readonly candidates: EncodedCandidateSpace;
  readonly observations: readonly Observation[];
  /** Encoded point of each observation. */
  readonly x: readonly Float64Array[];
  /** Value of each observation on the model's scale. */
  readonly y: Float64Array;
  /** Cost of each observation, positive. */
  readonly cost: Float64Array;
  readonly scale: ValueScale;
  /** Of each earlier study its results as models see them. */
  readonly priors: readonly PriorData[];
  readonly outcomeConstraints: readonly OutcomeConstraint[];
  /** The study's stream: only forked. */
  readonly rng: Rng;
}

/** Results of an earlier study. */
export type PriorData = Pick<StudyData, "x" | "y" | "cost">;

/** @throws {RangeError} if a point is not of the space. */
export function studyData(request: KnowledgeRequest): StudyData {
  const { space, observations, seed, transform, priors = [], outcomeConstraints = [] } = request;
  const scale = createValueScale(transform ?? "none");
  const asModelsSee = (results: readonly Observation[]): PriorData => ({
    x: results.map(({ point }) => encode(space, point)),
    y: Float64Array.from(results, ({ value }) => scale.toModel(value)),
    cost: usableCosts(results),
  });
  return {
    space,
    candidates: createCandidateSpace(space),
    observations,
    ...asModelsSee(observations),
    scale,
    priors: priors.filter(({ length }) => length > 0).map(asModelsSee),
    outcomeConstraints,
    rng: createRng(seed),
  };
}

/**
 * Costs of which a logarithm can be taken. An observation without one, such as a result that a user knew beforehand, counts as costing what
 * the others cost in the geometric mean, or 1 if no cost is known.
 */
function usableCosts(observations: readonly Observation[]): Float64Array {
  const isUsable = (cost: number) => cost > 0 && Number.isFinite(cost);
  const logarithms = observations.flatMap(({ cost }) => (isUsable(cost) ? [Math.log(cost)] : []));
  const typical =
    logarithms.length === 0 ? 1 : Math.exp(logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length);
  return Float64Array.from(observations, ({ cost }) => (isUsable(cost) ? cost : typical));
}
