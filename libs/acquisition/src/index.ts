export { normalBaseSamples } from "./base-samples.ts";
export { type CandidateSpace, withFixedFidelities } from "./candidate-space.ts";
export type { CandidateOptions } from "./candidates.ts";
export { type CostOptions, logNormalCost } from "./expected-cost.ts";
export { createOutcomeConstraint, type OutcomeBounds } from "./outcome-constraint.ts";
export { includesPoint, pointMatrix, samePoint } from "./points.ts";
export type { ProbabilityModel } from "./probability-model.ts";
export { compareFidelities, type Recommendation, type RecommendRequest, recommend } from "./recommend.ts";
export { chooseRepresenters, type RepresenterOptions, type Representers } from "./representers.ts";
export {
  type AcquisitionName,
  type AcquisitionOptions,
  createScorer,
  type ScoredPoint,
  type Scorer,
} from "./scorer.ts";
export { type Suggestion, type SuggestOptions, type SuggestRequest, suggest } from "./suggest.ts";
export type { SurrogateOutput, SurrogatePosterior } from "./surrogate-posterior.ts";
