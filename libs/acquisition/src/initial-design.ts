import type { Rng } from "@superbatch/random";
import type { CandidateSpace } from "./candidate-space.ts";
import { distinctPoints } from "./points.ts";
import { sobolPoints } from "./sobol-points.ts";

export interface InitialDesignOptions {
  /**
   * Number of different x. At least 1.
   * @default one more than the space has hyperparameters, or than half of them where each x is evaluated at several fidelities; at
   *   least 3, at most 12
   */
  readonly points?: number;
  /**
   * Encoded fidelities, each in [0, 1], at which every x is evaluated; capped to what may be evaluated. Spaces without fidelities ignore it.
   * @default [0, 1/4, 1/2]
   */
  readonly levels?: readonly number[];
}

/**
 * The first trials of a study: quasi-random x, each evaluated at several low to middle fidelities, because how quality depends on the
 * fidelity is learned from pairs (Klein et al. 2017; RoBO evaluates the same x at several subset sizes). The order is x by x,
 * cheap fidelities first.
 *
 * @returns distinct valid points: at most points × levels.
 */
export function initialDesign(space: CandidateSpace, rng: Rng, options: InitialDesignOptions = {}): Float64Array[] {
  const hyperparameters = space.dimensions.length - space.fidelityColumns.length;
  const share = space.fidelityColumns.length > 0 ? Math.ceil(hyperparameters / 2) : hyperparameters;
  const { points = Math.min(12, Math.max(3, share + 1)), levels = [0, 0.25, 0.5] } = options;
  const design: Float64Array[] = [];
  // Constraints exclude some places of the sequence: more of it is looked at than is needed.
  for (const x of sobolPoints(space, 64 * points, rng).slice(0, points)) {
    for (const level of space.fidelityColumns.length > 0 ? levels : [0]) {
      const point = Float64Array.from(x);
      for (const column of space.fidelityColumns) point[column] = level;
      const valid = space.repair(point);
      if (valid) design.push(valid);
    }
  }
  return distinctPoints(design);
}
