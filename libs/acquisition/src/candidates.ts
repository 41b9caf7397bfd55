import type { Rng } from "@superbatch/random";
import type { CandidateSpace } from "./candidate-space.ts";
import { perturb } from "./perturbation.ts";
import { distinctPoints } from "./points.ts";
import type { Representers } from "./representers.ts";
import { sobolPoints } from "./sobol-points.ts";

export interface CandidateOptions {
  /** Candidates of the first round, about. At least 8. @default 400 */
  readonly candidates?: number;
}

/**
 * Where the acquisition is looked at first, over x and fidelities jointly:
 *
 * - a third quasi-random over the whole space;
 * - a third representers as they are, the more probable the more often, at quasi-random fidelities: an observation at a cheap fidelity of a likely minimizer;
 * - a third their neighbors, at distances from 0.003 to 0.3, and those of the incumbent and of pending trials.
 *
 * @returns valid, distinct points.
 */
export function generateCandidates(
  space: CandidateSpace,
  representers: Representers,
  pending: readonly Float64Array[],
  rng: Rng,
  options: CandidateOptions = {},
): Float64Array[] {
  const share = Math.ceil((options.candidates ?? 400) / 3);
  const spread = sobolPoints(space, 2 * share, rng.fork("sobol"));
  const found = spread.slice(0, share);
  const draws = rng.fork("draws");
  const centers = [...(representers.incumbent ? [representers.incumbent] : []), ...pending];

  // The second half of the sequence lends its fidelities.
  for (const fidelities of spread.slice(share)) {
    const point = Float64Array.from(draw(representers, draws));
    for (const column of space.fidelityColumns) point[column] = fidelities[column];
    add(space.repair(point));
  }
  for (let i = 0; i < share; i++) {
    const center = i % 4 === 0 && centers.length > 0 ? centers[(i / 4) % centers.length] : draw(representers, draws);
    const start = Float64Array.from(center);
    const fidelities = spread[draws.integer(Math.max(spread.length, 1))];
    if (fidelities) for (const column of space.fidelityColumns) start[column] = fidelities[column];
    add(perturb(space, start, 0.3 * 0.01 ** draws.uniform(), draws));
  }
  return distinctPoints(found);

  function add(point: Float64Array | undefined): void {
    if (point) found.push(point);
  }
}

/** A representer, with the chance of being drawn mixed half and half from p(x*) and the uniform distribution. */
function draw({ points, probability }: Representers, rng: Rng): Float64Array {
  if (rng.uniform() < 0.5) return points[rng.integer(points.length)];
  let rest = rng.uniform();
  for (let i = 0; i < points.length; i++) {
    rest -= probability[i];
    if (rest < 0) return points[i];
  }
  return points[0];
}

/** Neighbors of the best points so far, for one round of refinement. */
export function refineCandidates(
  space: CandidateSpace,
  best: readonly Float64Array[],
  count: number,
  scale: number,
  rng: Rng,
): Float64Array[] {
  const found: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const point = perturb(space, best[i % best.length], scale, rng);
    if (point) found.push(point);
  }
  return distinctPoints(found);
}
