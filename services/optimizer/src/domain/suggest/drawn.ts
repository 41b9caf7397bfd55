import { createPointSet, includesPoint, type PointSet } from "@superbatch/acquisition";
import { allPoints, createSobolSampler, encode, type Point, samplePoint } from "@superbatch/search-space";
import type { Algorithm, SuggestState } from "./algorithm.ts";
import type { Suggestion } from "./engine.ts";
import { heldFidelities } from "./fidelities.ts";

/** Further draws in search of a point that is not known yet. */
export const redraws = 100;

/** Independent uniform points at held fidelities. */
export function createRandomSearch(fidelities?: Readonly<Record<string, number>>): Algorithm {
  return {
    async next(state) {
      const rng = state.data.rng.fork("random").fork(state.sequence);
      const held = heldFidelities(state.data.space, fidelities);
      return firstUnknown(state, () => ({ ...samplePoint(state.data.space, rng), ...held }), held);
    },
  };
}

/** A scrambled Sobol sequence at held fidelities. */
export function createSobolSearch(fidelities?: Readonly<Record<string, number>>): Algorithm {
  return {
    async next(state) {
      const held = heldFidelities(state.data.space, fidelities);
      return firstUnknown(state, sobolFrom(state, held), held);
    },
  };
}

/**
 * The point that stands in for a model: from the Sobol sequence, fidelities included, so that what it tells serves the model when it is back.
 *
 * @param fallback - why the model is not used; absent while there is too little to fit one to
 * @param held - fidelities that are held
 */
export function standIn(
  state: SuggestState,
  fallback?: string,
  held: Readonly<Record<string, number>> = {},
): Suggestion {
  const draw = sobolFrom(state, held);
  const drawn = firstUnknown(state, draw, held) ?? { point: draw(), origin: "random", replicate: true };
  return fallback === undefined ? { ...drawn, origin: "initial-design" } : { ...drawn, fallback };
}

function sobolFrom({ data, sequence }: SuggestState, held: Readonly<Record<string, number>>): () => Point {
  const sampler = createSobolSampler(data.space, data.rng.fork("sobol"));
  sampler.skip(sequence);
  return () => ({ ...sampler.next(), ...held });
}

/** Whether a point has a result, is under way, or cannot be evaluated. A trial that was given up or taken back may be tried again. */
export function isKnown({ data, known, pending, infeasible }: SuggestState, point: Point): boolean {
  const row = encode(data.space, point);
  return [known, pending, infeasible].some((rows) => includesPoint(rows, row, 0));
}

/** The same for many points: worth its making where more than a few are looked at. */
export function takenPoints({ known, pending, infeasible }: SuggestState): PointSet {
  return createPointSet([...known, ...pending, ...infeasible], 0);
}

/**
 * In a space of few points draws repeat: they are passed over as long as there may be others, which then are looked for one by one.
 *
 * @param held - what all draws have in common
 * @returns undefined if every point of the space is known; a replicate if none was found that is not, among too many to look at all
 */
export function firstUnknown(
  state: SuggestState,
  draw: () => Point,
  held: Readonly<Record<string, number>>,
): Suggestion | undefined {
  let point = draw();
  for (let i = 0; i < redraws && isKnown(state, point); i++) point = draw();
  if (!isKnown(state, point)) return { point, origin: "random", replicate: false };
  const all = allPoints(state.data.space, held);
  if (!all) return { point, origin: "random", replicate: true };
  const { data } = state;
  const taken = takenPoints(state);
  const left = all.filter((each) => !taken.has(encode(data.space, each)));
  if (left.length === 0) return undefined;
  const chosen = data.rng.fork("what is left").fork(state.sequence).integer(left.length);
  return { point: left[chosen]!, origin: "random", replicate: false };
}
