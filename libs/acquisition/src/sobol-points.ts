import { createSobol, maxSobolDimensions, type Rng } from "@superbatch/random";
import type { CandidateSpace } from "./candidate-space.ts";

/** Valid points of a scrambled Sobol sequence; in spaces of more than 256 columns, of pseudo-random numbers. */
export function sobolPoints(space: CandidateSpace, count: number, rng: Rng): Float64Array[] {
  const columns = space.dimensions.length;
  const sobol = columns <= maxSobolDimensions ? createSobol(columns, { rng }) : undefined;
  const points: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const point = space.sample(sobol ? sobol.next() : Float64Array.from({ length: columns }, () => rng.uniform()));
    if (point) points.push(point);
  }
  return points;
}
