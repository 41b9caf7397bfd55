import type { KnowledgeRequest, Observation } from "./engine.ts";
import { fidelitiesOf } from "./fidelities.ts";
import { violations } from "./outcomes.ts";

/** Observations that models are given of a study that has more, but for those since the choice was made. */
const chosen = 19 * 256;

/**
 * Results after which the choice is made anew. A model of what was chosen holds until then and is added to: `inferenceSize` of everything from
 * `chosen` to `chosen + block - 1` is `chosen`.
 */
const block = 256;

/** A request with the observations that models learn from, and for each of them its index among all. */
export function ofModel<Request extends KnowledgeRequest>(
  request: Request,
): { readonly request: Request; readonly indices: readonly number[] } {
  const indices = modelObservations(request);
  if (indices.length === request.observations.length) return { request, indices };
  return { request: { ...request, observations: indices.map((index) => request.observations[index]!) }, indices };
}

/**
 * What models learn from: everything of up to 5,119 observations; of more, those that say most, so that a study of any size gets its suggestions and
 * answers in bounded time. A quarter are the best at each combination of fidelities, the others are taken evenly from the whole course of the study, and
 * the latest are all there. It depends on the observations alone.
 *
 * @returns indices, ascending
 */
export function modelObservations(
  request: Pick<KnowledgeRequest, "observations" | "space" | "outcomeConstraints">,
): number[] {
  const { observations, space, outcomeConstraints } = request;
  const n = observations.length;
  const all = Array.from(observations.keys());
  if (n < chosen + block) return all;
  const settled = n - (n % block);
  const early = observations.slice(0, settled);
  const best = bestFirst(
    early,
    fidelitiesOf(space).map(({ name }) => name),
    violations({ observations: early, ...(outcomeConstraints && { outcomeConstraints }) }),
  );
  const kept = new Set(best.slice(0, chosen / 4));
  const others = all.slice(0, settled).filter((index) => !kept.has(index));
  const room = chosen - kept.size;
  for (let k = 0; k < room; k++) kept.add(others[Math.floor((k * others.length) / room)]!);
  return [...all.slice(0, settled).filter((index) => kept.has(index)), ...all.slice(settled)];
}

/**
 * Of two kinds of points, which ones a model of both is given: everything of up to 5,119 in all; of more, of each kind no fewer than half as many, taken evenly
 * from the whole course of the study, with the latest all there. It changes with a block of 256 only, but for what is added.
 *
 * @returns indices of each kind, ascending
 */
export function chosenOfEach([n, k]: readonly [number, number]): readonly [number[], number[]] {
  const all = chosen + block;
  if (n + k < all) return [evenly(n, all), evenly(k, all)];
  const room = (others: number) => Math.max(all / 2, all - Math.ceil(others / block) * block);
  return [evenly(n, room(k)), evenly(k, room(n))];
}

/** Fewer than `most` of n indices. */
function evenly(n: number, most: number): number[] {
  const latest = n < most ? 0 : n % block;
  const settled = n - latest;
  const kept = n < most ? n : most - block;
  return Array.from({ length: kept + latest }, (_, i) =>
    i < kept ? Math.floor((i * settled) / kept) : settled + i - kept,
  );
}

/**
 * Indices, the best of each combination of fidelities first, then the second of each, and so on.
 *
 * @param missed - of each observation, by how much it misses the outcome constraints: less is better, whatever the value. @default by nothing
 */
export function bestFirst(
  observations: readonly Observation[],
  fidelities: readonly string[],
  missed: Float64Array = new Float64Array(observations.length),
): number[] {
  const byValue = Array.from(observations.keys()).sort(
    (i, j) => missed[i]! - missed[j]! || observations[i]!.value - observations[j]!.value || i - j,
  );
  if (fidelities.length === 0) return byValue;
  const better = new Map<string, number>();
  const ranks = new Int32Array(observations.length);
  for (const index of byValue) {
    const { point } = observations[index]!;
    const key = fidelities.map((name) => point[name]).join();
    const rank = better.get(key) ?? 0;
    ranks[index] = rank;
    better.set(key, rank + 1);
  }
  return byValue.sort((i, j) => ranks[i]! - ranks[j]!);
}
