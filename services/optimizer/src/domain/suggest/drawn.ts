import { includesPoint } from "@superbatch/acquisition";
import { createSobolSampler, encode, type Point, samplePoint } from "@superbatch/search-space";
import type { Algorithm, SuggestState } from "./algorithm.ts";
import type { Suggestion } from "./engine.ts";
import { heldFidelities } from "./fidelities.ts";

/** Further draws in search of a point that is not known yet, before a known one is repeated. */
const redraws = 100;

/** Independent uniform points at held fidelities. */
export function createRandomSearch(fidelities?: Readonly<Record<string, number>>): Algorithm {
  return {
    async next(state) {
      const rng = state.data.rng.fork("random").fork(state.sequence);
      const held = heldFidelities(state.data.space, fidelities);
      return firstUnknown(state, () => ({ ...samplePoint(state.data.space, rng), ...held }));
    },
  };
}

/** A scrambled Sobol sequence at held fidelities. */
export function createSobolSearch(fidelities?: Readonly<Record<string, number>>): Algorithm {
  return {
    async next(state) {
      const held = heldFidelities(state.data.space, fidelities);
      return firstUnknown(state, sobolFrom(state, held));
    },
  };
}

/**
 * The point that stands in for a model: from the Sobol sequence, fidelities included, so that what it tells serves the model when it is back.
 *
 * @param fallback - why the model is not used; absent while there is too little to fit one to
 */
export function standIn(state: SuggestState, fallback?: string): Suggestion {
  const drawn = firstUnknown(state, sobolFrom(state, {}));
  return fallback === undefined ? { ...drawn, origin: "initial-design" } : { ...drawn, fallback };
}

function sobolFrom({ data, sequence }: SuggestState, held: Readonly<Record<string, number>>): () => Point {
  const sampler = createSobolSampler(data.space, data.rng.fork("sobol"));
  sampler.skip(sequence);
  return () => ({ ...sampler.next(), ...held });
}

/** In a space of few points draws repeat: they are passed over as long as there may be others. */
function firstUnknown({ data, pending, infeasible }: SuggestState, draw: () => Point): Suggestion {
  const isKnown = (point: Point) => {
    const row = encode(data.space, point);
    return [data.x, pending, infeasible].some((rows) => includesPoint(rows, row, 0));
  };
  let point = draw();
  for (let i = 0; i < redraws && isKnown(point); i++) point = draw();
  return { point, origin: "random", replicate: isKnown(point) };
}
