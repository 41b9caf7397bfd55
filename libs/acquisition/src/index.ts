export { acceptableIn, leastProbability } from "./acceptable.ts";
export type { AcquisitionFunction } from "./acquisition-function.ts";
export { normalBaseSamples } from "./base-samples.ts";
export { type CandidateSpace, withFixedFidelities } from "./candidate-space.ts";
export type { CandidateOptions } from "./candidates.ts";
export { createEntropySearch, type EntropySearchOptions } from "./entropy-search.ts";
export { type CostOptions, type ExpectedCost, expectedCost, logNormalCost } from "./expected-cost.ts";
export { createExpectedImprovement, logExpectedImprovement } from "./expected-improvement.ts";
export { createFeasibilityModel } from "./feasibility.ts";
export { type InitialDesignOptions, initialDesign } from "./initial-design.ts";
export { createKnowledgeGradient } from "./knowledge-gradient.ts";
export { createMaxValueEntropy } from "./max-value-entropy.ts";
export { entropy } from "./minimizer-distribution.ts";
export { createOutcomeConstraint, type OutcomeBounds } from "./outcome-constraint.ts";
export { conditionOnPending } from "./pending.ts";
export { createPointSet, includesPoint, type PointSet, pointMatrix, samePoint } from "./points.ts";
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
export { fidelityAlternatives, type Suggestion, type SuggestOptions, type SuggestRequest, suggest } from "./suggest.ts";
export type { SurrogateOutput, SurrogatePosterior } from "./surrogate-posterior.ts";
