import type { Point, SearchSpace } from "@superbatch/search-space";
import type { AlgorithmSpec } from "../algorithm-spec.ts";
import type { Observation, Suggestion, SuggestionEngine } from "../engine.ts";

export interface Fleet {
  readonly workers: number;
  /** @default no limit */
  readonly trials?: number;
  /** Sum of the costs of completed trials after which none is suggested. @default no limit */
  readonly cost?: number;
  /** Of trial `index`. @default "completed" */
  readonly outcome?: (index: number) => "completed" | "infeasible" | "failed";
}

/**
 * A study of several trainers, each of which takes up a new trial when the oldest one ends. What fails is forgotten: it may be suggested again.
 *
 * @returns what was suggested, until trials or cost are used or nothing is left.
 */
export async function runFleet(
  engine: SuggestionEngine,
  study: { readonly space: SearchSpace; readonly algorithm: AlgorithmSpec; readonly seed: string },
  observe: (point: Point) => Observation,
  { workers, trials = Number.POSITIVE_INFINITY, cost = Number.POSITIVE_INFINITY, outcome = () => "completed" }: Fleet,
): Promise<Suggestion[]> {
  const suggestions: Suggestion[] = [];
  const observations: Observation[] = [];
  const infeasible: Point[] = [];
  const running: number[] = [];
  let spent = 0;
  while (suggestions.length < trials && spent < cost) {
    if (running.length === workers) end();
    const pending = running.map((index) => suggestions[index]!.point);
    const request = { ...study, sequence: suggestions.length, observations, infeasible, pending, count: 1 };
    const [suggestion] = await engine.suggest(request, new AbortController().signal);
    if (suggestion) running.push(suggestions.push(suggestion) - 1);
    else if (running.length === 0) break;
    else end();
  }
  return suggestions;

  function end(): void {
    const index = running.shift()!;
    const { point } = suggestions[index]!;
    if (outcome(index) === "completed") {
      const observation = observe(point);
      observations.push(observation);
      spent += observation.cost;
    }
    if (outcome(index) === "infeasible") infeasible.push(point);
  }
}
