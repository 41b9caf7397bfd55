import type { JsonObject, Trial } from "@superbatch/store";
import { type Suggestion, verification } from "./suggest/engine.ts";

/** Where a trial's point came from. `drawn`: by an algorithm without a model; `fallback`: because the surrogate failed. */
export type TrialOrigin = "user" | "initial-design" | "model" | "drawn" | "promotion" | "fallback";

/** Why a point was chosen. Stored as JSON with the trial. */
export interface TrialExplanation {
  readonly origin: TrialOrigin;
  readonly entropyReduction?: number;
  readonly expectedCost?: number;
  readonly acquisition?: number;
  readonly alternatives: readonly TrialAlternative[];
  /** An earlier point is repeated: on purpose, or since nothing new was left. */
  readonly replicate: boolean;
  /** It evaluates the model's minimizer at the highest fidelity. @default false */
  readonly verification?: boolean;
  /** Probability of being evaluated and of keeping the outcome constraints. @default 1 */
  readonly feasibility?: number;
  /** Anything more, in words. */
  readonly note: string;
  /** Surrogate that was asked. @default the optimizer's own */
  readonly surrogate?: string;
  /** Why the study's own surrogate was not used. @default it was */
  readonly surrogateFailure?: string;
  /** How the trial would have ended, as predicted when it was told to stop; absent otherwise. Its result takes it over. */
  readonly extrapolation?: { readonly value: number; readonly cost: number; readonly finalStep: number };
}

/** The same hyperparameters at other fidelities. */
export interface TrialAlternative {
  readonly fidelities: Readonly<Record<string, number>>;
  readonly entropyReduction: number;
  /** Absent where cost is ignored. */
  readonly expectedCost?: number;
  readonly acquisition: number;
}

export const userExplanation: TrialExplanation = { origin: "user", alternatives: [], replicate: false, note: "" };

export function explanationOf(trial: Trial): TrialExplanation {
  return trial.explanation as unknown as TrialExplanation;
}

export function explanationToJson(explanation: TrialExplanation): JsonObject {
  return explanation as unknown as JsonObject;
}

export function explainSuggestion(suggestion: Suggestion): TrialExplanation {
  const { explanation, fit, fallback, replicate } = suggestion;
  const { feasibility = 1 } = explanation ?? {};
  const notes = [
    explanation?.acquisition,
    feasibility < 1 && `probability of being feasible ${feasibility.toPrecision(3)}`,
    fit && fit.observations < fit.results && `modelled from ${fit.observations} of ${fit.results} results`,
    fit?.approximation && `the surrogate approximated: ${fit.approximation}`,
    fit?.jitter && `the surrogate added a jitter of ${fit.jitter.toPrecision(1)}`,
    fallback,
  ];
  return {
    origin: fallback !== undefined ? "fallback" : suggestion.origin === "random" ? "drawn" : suggestion.origin,
    ...(explanation?.entropyReduction !== undefined && { entropyReduction: explanation.entropyReduction }),
    ...(explanation?.expectedCost !== undefined && { expectedCost: explanation.expectedCost }),
    ...(explanation && { acquisition: explanation.acquisitionValue }),
    ...(explanation?.acquisition === verification && { verification: true }),
    alternatives: (explanation?.alternatives ?? []).map((alternative) => ({
      fidelities: alternative.fidelities,
      entropyReduction: alternative.entropyReduction ?? 0,
      ...(alternative.expectedCost !== undefined && { expectedCost: alternative.expectedCost }),
      acquisition: alternative.acquisitionValue,
    })),
    replicate,
    ...(feasibility < 1 && { feasibility }),
    note: notes.filter((note) => note).join("; "),
    ...(suggestion.surrogate !== undefined && { surrogate: suggestion.surrogate }),
    ...(suggestion.surrogateFailure !== undefined && { surrogateFailure: suggestion.surrogateFailure }),
  };
}
