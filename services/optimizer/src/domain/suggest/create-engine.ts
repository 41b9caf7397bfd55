import type { ProbabilityModel, SurrogatePosterior } from "@superbatch/acquisition";
import { encode } from "@superbatch/search-space";
import type { SuggestState } from "./algorithm.ts";
import { createAlgorithm, modelOptions } from "./algorithms.ts";
import { convergenceEvidence } from "./convergence.ts";
import { standIn } from "./drawn.ts";
import type { FitSummary, KnowledgeRequest, Observation, Suggestion, SuggestionEngine } from "./engine.ts";
import { feasibilityConstraints, fitFeasibility } from "./feasibility.ts";
import { fitStudy } from "./model-fit.ts";
import { ofModel } from "./model-observations.ts";
import { fitOutcomes } from "./outcomes.ts";
import { queryModel } from "./query.ts";
import { recommendFromModel, recommendFromObservations } from "./recommendation.ts";
import { type StudyData, studyData } from "./study-data.ts";
import type { FitReport, ModelChoice, Surrogate, SurrogateModel } from "./surrogate.ts";
import { choiceOf, onlySurrogate, type SurrogateDirectory, type SurrogateReport, tryEach } from "./surrogate-choice.ts";

/** Observations below which a model's recommendation is not asked for. */
const fewestForModel = 3;

/** Where models come from: one surrogate for all studies, or the one that each study chooses. */
export type EngineOptions = { readonly surrogate: Surrogate } | { readonly surrogates: SurrogateDirectory };

export function createSuggestionEngine(models: EngineOptions): SuggestionEngine {
  const directory = "surrogates" in models ? models.surrogates : onlySurrogate(models.surrogate);
  const surrogatesOf = ({ algorithm }: KnowledgeRequest) => directory.choose(choiceOf(algorithm));
  return {
    async suggest(request, signal) {
      const options = modelOptions(request.algorithm);
      const data = studyData(options ? ofModel(request).request : request);
      const algorithm = createAlgorithm(request.algorithm);
      const infeasible = request.infeasible.map((point) => encode(data.space, point));
      const pending = request.pending.map((point) => encode(data.space, point));
      const known = [...data.x, ...leftOut(request, data).map(({ point }) => encode(data.space, point))];
      const access = createModelAccess(data, infeasible, options?.model ?? {}, signal);
      const surrogates = surrogatesOf(request);
      const suggestions: Suggestion[] = [];
      for (let i = 0; i < request.count; i++) {
        signal.throwIfAborted();
        const shared = { data, known, infeasible, signal, sequence: request.sequence + i, pending: [...pending] };
        const stateWith = (surrogate: Surrogate): SuggestState => ({ ...shared, ...access(surrogate) });
        const suggestion = await tryEach(surrogates, signal, async (surrogate) => {
          const state = stateWith(surrogate);
          const chosen = await algorithm.next(state);
          if (!options || chosen?.origin !== "model") return chosen;
          return { ...chosen, fit: fitSummary(data, known, (await state.model()).report) };
        }).then(
          ({ result, report }) => result && withSurrogate(result, report),
          (error: unknown) => {
            // Work goes on without the model; that it was missing is told with the suggestion.
            signal.throwIfAborted();
            const why = `the model could not be used: ${error instanceof Error ? error.message : String(error)}`;
            return standIn(stateWith(surrogates[0]!.surrogate), why);
          },
        );
        if (!suggestion) break;
        suggestions.push(suggestion);
        pending.push(encode(data.space, suggestion.point));
      }
      return suggestions;
    },

    async recommend(given, signal) {
      const options = modelOptions(given.algorithm);
      const { request, indices } = options ? ofModel(given) : { request: given, indices: undefined };
      const data = studyData(request);
      if (data.x.length === 0) return undefined;
      if (!options || (data.x.length < fewestForModel && data.priors.length === 0))
        return recommendFromObservations(data);
      try {
        const { result } = await tryEach(surrogatesOf(request), signal, async (surrogate) => {
          const { model, outcomes } = modelAccess(surrogate, data, [], options.model, signal);
          return recommendFromModel(data, await model(), signal, await outcomes());
        });
        return { ...result, observation: indices![result.observation]! };
      } catch {
        // The answer's basis says that no model was there.
        signal.throwIfAborted();
        return recommendFromObservations(indices!.length < given.observations.length ? studyData(given) : data);
      }
    },

    async convergence(given, signal) {
      const options = modelOptions(given.algorithm);
      if (!options) throw new RangeError(`${given.algorithm.kind} has no model that could converge`);
      const { request, indices } = ofModel(given);
      const data = studyData(request);
      const recent = given.recent.map((index) => indices.indexOf(index)).filter((index) => index >= 0);
      const { result } = await tryEach(surrogatesOf(request), signal, async (surrogate) => {
        const { model, outcomes } = modelAccess(surrogate, data, [], options.model, signal);
        return convergenceEvidence(data, await model(), recent, signal, await outcomes());
      });
      return result;
    },

    async query(given, signal) {
      const { request } = ofModel(given);
      const data = studyData(request);
      const options = modelOptions(request.algorithm);
      const infeasible = request.infeasible.map((point) => encode(data.space, point));
      const access = createModelAccess(data, infeasible, options?.model ?? {}, signal);
      const { result } = await tryEach(surrogatesOf(request), signal, async (surrogate) => {
        const { model, feasibility, outcomes } = access(surrogate);
        const fitted = await model();
        const search =
          options && !request.withoutAcquisition
            ? {
                options,
                constraints: await feasibilityConstraints({ feasibility, signal }),
                recommendable: await outcomes(),
              }
            : undefined;
        return queryModel(data, fitted, request.points, search, signal);
      });
      return result;
    },
  };
}

function fitSummary(data: StudyData, known: readonly Float64Array[], report?: FitReport): FitSummary {
  return {
    observations: data.x.length,
    results: known.length,
    ...(report?.approximation && { approximation: report.approximation }),
    ...(report && report.jitter > 0 && { jitter: report.jitter }),
  };
}

/** The results that models are not given. */
function leftOut({ observations }: KnowledgeRequest, data: StudyData): readonly Observation[] {
  if (data.observations.length === observations.length) return [];
  const given = new Set(data.observations);
  return observations.filter((observation) => !given.has(observation));
}

/** Which surrogate chose a point is told of points that one chose. */
function withSurrogate(suggestion: Suggestion, { surrogate, failure }: SurrogateReport): Suggestion {
  if (suggestion.origin !== "model") return suggestion;
  return {
    ...suggestion,
    ...(surrogate !== "" && { surrogate }),
    ...(failure !== undefined && { surrogateFailure: failure }),
  };
}

/** One access for each surrogate that is tried in a request. */
function createModelAccess(
  data: StudyData,
  infeasible: readonly Float64Array[],
  choice: ModelChoice,
  signal: AbortSignal,
) {
  const made = new Map<Surrogate, ReturnType<typeof modelAccess>>();
  return (surrogate: Surrogate) => {
    const access = made.get(surrogate) ?? modelAccess(surrogate, data, infeasible, choice, signal);
    made.set(surrogate, access);
    return access;
  };
}

/** Fits at most once a request: a failure, too, is kept, so that the rest of a batch does not wait for it again. */
function modelAccess(
  surrogate: Surrogate,
  data: StudyData,
  infeasible: readonly Float64Array[],
  choice: ModelChoice,
  signal: AbortSignal,
): Pick<SuggestState, "model" | "feasibility" | "outcomes"> {
  let model: Promise<SurrogateModel> | undefined;
  let outcomes: Promise<ProbabilityModel | undefined> | undefined;
  let feasibility: Promise<SurrogatePosterior | undefined> | undefined;
  return {
    model() {
      model ??= fitStudy(surrogate, data, choice, signal);
      return model;
    },
    feasibility() {
      feasibility ??=
        infeasible.length === 0
          ? Promise.resolve(undefined)
          : fitFeasibility(surrogate, data, infeasible, choice, signal);
      return feasibility;
    },
    outcomes() {
      outcomes ??= fitOutcomes(surrogate, data, choice, signal);
      return outcomes;
    },
  };
}
