import { setImmediate } from "node:timers/promises";
import {
  type CandidateSpace,
  chooseRepresenters,
  createScorer,
  type ProbabilityModel,
  type Scorer,
  type SuggestOptions,
  type SurrogatePosterior,
} from "@superbatch/acquisition";
import type { Rng } from "@superbatch/random";

export interface StudyScorerRequest {
  readonly surrogate: SurrogatePosterior;
  readonly space: CandidateSpace;
  readonly evaluated: readonly Float64Array[];
  readonly pending: readonly Float64Array[];
  readonly constraints: readonly ProbabilityModel[];
  /** Of an x to be recommended. @default any can be */
  readonly recommendable?: ProbabilityModel | undefined;
  readonly options: SuggestOptions;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

/** Values given points by a study's acquisition, as a suggestion would. */
export async function createStudyScorer(request: StudyScorerRequest): Promise<Scorer> {
  const { rng, evaluated, recommendable, ...shared } = request;
  const paused = { ...shared, pause: setImmediate };
  const representers = await chooseRepresenters({
    ...paused,
    evaluated,
    recommendable,
    rng: rng.fork("representers"),
  });
  return createScorer({ ...paused, representers, rng: rng.fork("scorer") });
}
