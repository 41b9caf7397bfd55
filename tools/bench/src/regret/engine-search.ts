import { type AlgorithmSpec, createSuggestionEngine } from "@superbatch/optimizer/suggest";
import type { SearchSpace } from "@superbatch/search-space";
import type { Search } from "./search.ts";
import { createSurrogate } from "./surrogate.ts";

/** The optimizer's own engine, with its surrogate in this process. */
export function createEngineSearch(space: SearchSpace, algorithm: AlgorithmSpec, seed: string): Search {
  const engine = createSuggestionEngine({ surrogate: createSurrogate() });
  const { signal } = new AbortController();
  const verifications = new Set<number>();
  return {
    async suggest(results) {
      const observations = results.map((each, i) => ({ ...each, verification: verifications.has(i) }));
      const request = { space, algorithm, seed, observations, infeasible: [], pending: [], count: 1 };
      const [suggestion] = await engine.suggest({ ...request, sequence: results.length }, signal);
      if (suggestion?.fallback) throw new Error(suggestion.fallback);
      if (suggestion!.explanation?.acquisition === "verification") verifications.add(results.length);
      return suggestion!.point;
    },
    async recommend(observations) {
      return (await engine.recommend({ space, algorithm, seed, observations }, signal))!.point;
    },
    close() {},
  };
}
