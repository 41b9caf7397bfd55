import { type AlgorithmSpec, createSuggestionEngine } from "@superbatch/optimizer/suggest";
import type { SearchSpace } from "@superbatch/search-space";
import type { Search } from "./search.ts";
import { createSurrogate } from "./surrogate.ts";

/** The optimizer's own engine, with its surrogate in this process. */
export function createEngineSearch(space: SearchSpace, algorithm: AlgorithmSpec, seed: string): Search {
  const engine = createSuggestionEngine({ surrogate: createSurrogate() });
  const { signal } = new AbortController();
  return {
    async suggest(observations) {
      const request = { space, algorithm, seed, observations, infeasible: [], pending: [], count: 1 };
      const [suggestion] = await engine.suggest({ ...request, sequence: observations.length }, signal);
      if (suggestion?.fallback) throw new Error(suggestion.fallback);
      return suggestion!.point;
    },
    async recommend(observations) {
      return (await engine.recommend({ space, algorithm, seed, observations }, signal))!.point;
    },
    close() {},
  };
}
