import type { ProbabilityModel, SurrogatePosterior } from "@superbatch/acquisition";
import type { Suggestion } from "./engine.ts";
import type { StudyData } from "./study-data.ts";
import type { SurrogateModel } from "./surrogate.ts";

/** One way of choosing trials. */
export interface Algorithm {
  /**
   * The next trial. Deterministic in its argument.
   *
   * @returns undefined if every point is known and none is worth another evaluation
   * @throws whatever the model throws.
   */
  next(state: SuggestState): Promise<Suggestion | undefined>;
}

/** What is known when one trial is to be chosen. */
export interface SuggestState {
  readonly data: StudyData;
  /** Number of suggestions made before in the study. */
  readonly sequence: number;
  /** Encoded points of all of the study's results, of which `data` may hold a choice: those of `data` first. */
  readonly known: readonly Float64Array[];
  /** Encoded points of trials under way, and of those suggested before in the same request. */
  readonly pending: readonly Float64Array[];
  /** Encoded points that cannot be evaluated. */
  readonly infeasible: readonly Float64Array[];
  /** The model of the study's observations: fitted when first asked for, then kept for the request. */
  readonly model: () => Promise<SurrogateModel>;
  /** Probability that a point can be evaluated; undefined while nothing was infeasible. Fitted when first asked for. */
  readonly feasibility: () => Promise<SurrogatePosterior | undefined>;
  /** Probability that an x keeps the outcome constraints at the target; undefined without any. Fitted when first asked for, then kept for the request. */
  readonly outcomes: () => Promise<ProbabilityModel | undefined>;
  readonly signal: AbortSignal;
}
