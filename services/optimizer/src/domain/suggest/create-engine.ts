import type { SurrogatePosterior } from "@superbatch/acquisition";
import { encode } from "@superbatch/search-space";
import type { SuggestState } from "./algorithm.ts";
import { createAlgorithm, modelOptions } from "./algorithms.ts";
import { standIn } from "./drawn.ts";
import type { Suggestion, SuggestionEngine } from "./engine.ts";
import { feasibilityConstraints, fitFeasibility } from "./feasibility.ts";
import { fitStudy } from "./model-fit.ts";
import { queryModel } from "./query.ts";
import { recommendFromModel, recommendFromObservations } from "./recommendation.ts";
import { type StudyData, studyData } from "./study-data.ts";
import type { Surrogate } from "./surrogate.ts";

/** Observations below which a model's recommendation is not asked for. */
const fewestForModel = 3;

/** @param options.surrogate - models of all studies come from it */
export function createSuggestionEngine({ surrogate }: { readonly surrogate: Surrogate }): SuggestionEngine {
  return {
    async suggest(request, signal) {
      const data = studyData(request);
      const algorithm = createAlgorithm(request.algorithm);
      const infeasible = request.infeasible.map((point) => encode(data.space, point));
      const pending = request.pending.map((point) => encode(data.space, point));
      const shared = { data, infeasible, signal, ...modelAccess(surrogate, data, infeasible, signal) };
      const suggestions: Suggestion[] = [];
      for (let i = 0; i < request.count; i++) {
        signal.throwIfAborted();
        const state: SuggestState = { ...shared, sequence: request.sequence + i, pending: [...pending] };
        const suggestion = await algorithm.next(state).catch((error: unknown) => {
          // Work goes on without the model; that it was missing is told with the suggestion.
          signal.throwIfAborted();
          return standIn(
            state,
            `the model could not be used: ${error instanceof Error ? error.message : String(error)}`,
          );
        });
        suggestions.push(suggestion);
        pending.push(encode(data.space, suggestion.point));
      }
      return suggestions;
    },

    async recommend(request, signal) {
      const data = studyData(request);
      if (data.x.length === 0) return undefined;
      const options = modelOptions(request.algorithm);
      if (!options || data.x.length < fewestForModel) return recommendFromObservations(data);
      try {
        const model = await fitStudy(surrogate, data, options.hyperparameterSamples, signal);
        return await recommendFromModel(data, model, signal);
      } catch {
        // The answer's basis says that no model was there.
        signal.throwIfAborted();
        return recommendFromObservations(data);
      }
    },

    async query(request, signal) {
      const data = studyData(request);
      const options = modelOptions(request.algorithm);
      const infeasible = request.infeasible.map((point) => encode(data.space, point));
      const { model, feasibility } = modelAccess(surrogate, data, infeasible, signal);
      const fitted = await model(options?.hyperparameterSamples);
      const search = options && { options, constraints: await feasibilityConstraints({ feasibility, signal }) };
      return queryModel(data, fitted, request.points, search, signal);
    },
  };
}

/** Fits at most once a request: a failure, too, is kept, so that the rest of a batch does not wait for it again. */
function modelAccess(
  surrogate: Surrogate,
  data: StudyData,
  infeasible: readonly Float64Array[],
  signal: AbortSignal,
): Pick<SuggestState, "model" | "feasibility"> {
  let model: Promise<SurrogatePosterior> | undefined;
  let feasibility: Promise<SurrogatePosterior | undefined> | undefined;
  return {
    model(samples) {
      model ??= fitStudy(surrogate, data, samples, signal);
      return model;
    },
    feasibility() {
      feasibility ??=
        infeasible.length === 0 ? Promise.resolve(undefined) : fitFeasibility(surrogate, data, infeasible, signal);
      return feasibility;
    },
  };
}
