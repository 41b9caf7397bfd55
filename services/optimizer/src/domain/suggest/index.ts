export type { AlgorithmSpec } from "./algorithm-spec.ts";
export { createSuggestionEngine } from "./create-engine.ts";
export type { SuggestionEngine } from "./engine.ts";
export type { Surrogate, SurrogateData, SurrogateFitOptions } from "./surrogate.ts";
