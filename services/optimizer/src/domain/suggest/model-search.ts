import { setImmediate } from "node:timers/promises";
import {
  type AcquisitionName,
  type CandidateSpace,
  fidelityAlternatives,
  type ScoredPoint,
  type SuggestOptions,
  suggest,
  withFixedFidelities,
} from "@superbatch/acquisition";
import { decode } from "@superbatch/search-space";
import type { Algorithm, SuggestState } from "./algorithm.ts";
import { isKnown, redraws, standIn } from "./drawn.ts";
import { type Alternative, type Explanation, type Suggestion, verification } from "./engine.ts";
import { feasibilityConstraints } from "./feasibility.ts";
import { fidelitiesOf, fidelityValues } from "./fidelities.ts";
import { createInitialDesign, type InitialDesign, type InitialDesignOptions } from "./initial-design.ts";
import type { StudyData } from "./study-data.ts";
import { createStudyScorer } from "./study-scorer.ts";
import type { ModelChoice } from "./surrogate.ts";
import { pointToVerify } from "./verification.ts";

/** Observations without which no model is asked, whatever has been suggested. */
const fewestObservations = 3;

export interface ModelSearchOptions {
  readonly acquisition: AcquisitionName;
  readonly model: ModelChoice;
  /** Divide by the expected cost. */
  readonly perCost: boolean;
  /** Added to each expected cost, in the study's unit. */
  readonly overhead?: number | undefined;
  readonly representers?: number | undefined;
  /** Share of the study's cost for evaluations of the model's minimizer at the highest fidelity. @default 0 */
  readonly verification?: number | undefined;
  readonly design: InitialDesignOptions;
  /** Fidelities that are held, by name in plain units; undefined to choose them. */
  readonly held?: (data: StudyData) => Readonly<Record<string, number>>;
}

/** An initial design, then the maximum of an acquisition under the surrogate. */
export function createModelSearch(options: ModelSearchOptions): Algorithm {
  return {
    async next(state) {
      const { data, sequence, pending, signal } = state;
      const held = options.held?.(data);
      const design = createInitialDesign(data, { ...options.design, held });
      if (sequence < design.size) return { ...unknownOf(design, state), origin: "initial-design" };
      const results = data.x.length + data.priors.reduce((sum, { x }) => sum + x.length, 0);
      if (data.x.length === 0 || results < fewestObservations) return standIn(state, undefined, held);
      const model = await state.model();
      const feasibility = await feasibilityConstraints(state);
      const recommendable = await state.outcomes();
      const request = {
        surrogate: model,
        space: candidateSpace(data, held),
        evaluated: data.x,
        pending,
        constraints: recommendable ? [...feasibility, recommendable] : feasibility,
        recommendable,
        rng: data.rng.fork("suggestion").fork(sequence),
        signal,
        options: acquisitionOptions(options),
      };
      const search = feasibility.length === 0 ? request.rng.fork("verification") : undefined;
      const verified = held
        ? undefined
        : await pointToVerify(state, model, options.verification ?? 0, search, recommendable);
      if (verified) {
        const scorer = await createStudyScorer(request);
        const [scored, ...others] = await scorer.explain([verified, ...fidelityAlternatives(request.space, verified)]);
        const explanation = { ...explain(data, options, scored!, others), acquisition: verification };
        return { point: decode(data.space, verified), origin: "model", explanation, replicate: false };
      }
      const { known, infeasible } = state;
      const alsoEvaluated = known.slice(data.x.length);
      const suggestion = await suggest({ ...request, alsoEvaluated, infeasible, pause: setImmediate });
      return {
        point: decode(data.space, suggestion.point),
        origin: "model",
        explanation: explain(data, options, suggestion, suggestion.alternatives),
        replicate: suggestion.replicate,
      };
    },
  };
}

/**
 * The design's point whose turn it is, or one further on if that one is known already: imported, or the same as another one in a small space.
 * Points beyond the design's own come last, so that those to come stay what they are.
 */
function unknownOf(design: InitialDesign, state: SuggestState): Pick<Suggestion, "point" | "replicate"> {
  const own = design.point(state.sequence);
  if (!isKnown(state, own)) return { point: own, replicate: false };
  for (let index = design.size; index < design.size + redraws; index++) {
    const point = design.point(index);
    if (!isKnown(state, point)) return { point, replicate: false };
  }
  return { point: own, replicate: true };
}

/** The encoded space, its fidelities held if that is asked for. */
export function candidateSpace(data: StudyData, held: Readonly<Record<string, number>> | undefined): CandidateSpace {
  if (!held) return data.candidates;
  const columns = data.candidates.fidelityColumns;
  const values = fidelitiesOf(data.space).map(
    ({ name, axis }, i) => [columns[i]!, axis.encode(held[name] ?? axis.max)] as const,
  );
  return withFixedFidelities(data.candidates, new Map(values));
}

export function acquisitionOptions({
  acquisition,
  perCost,
  overhead,
  representers,
}: ModelSearchOptions): SuggestOptions {
  return {
    acquisition,
    perCost,
    ...(overhead !== undefined && { overhead }),
    ...(representers !== undefined && { representers }),
  };
}

function explain(
  data: StudyData,
  { acquisition, perCost }: ModelSearchOptions,
  chosen: ScoredPoint,
  alternatives: readonly ScoredPoint[],
): Explanation {
  return {
    acquisition: perCost ? `${acquisition}-per-cost` : acquisition,
    ...scores(chosen),
    feasibility: chosen.probability,
    alternatives: alternatives.map(
      (scored): Alternative => ({
        fidelities: fidelityValues(data.space, decode(data.space, scored.point)),
        ...scores(scored),
      }),
    ),
  };
}

function scores({ value, entropyReduction, expectedCost }: ScoredPoint) {
  return {
    acquisitionValue: value,
    ...(entropyReduction !== undefined && { entropyReduction }),
    ...(expectedCost !== undefined && { expectedCost }),
  };
}
