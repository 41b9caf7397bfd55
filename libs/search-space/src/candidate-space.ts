import { fidelityColumns } from "./columns.ts";
import type { Dimension } from "./dimension.ts";
import { decode, dimensions } from "./encoding.ts";
import type { SearchSpace } from "./parameter.ts";
import { isFeasible, repairOrNothing } from "./repair.ts";
import { rowFromUnit } from "./sample.ts";

/**
 * A space as the search for candidates sees it: encoded points only. It has the shape of the acquisition library's interface of the same
 * name; the two libraries do not know each other.
 */
export interface EncodedCandidateSpace {
  readonly dimensions: readonly Dimension[];
  /** Columns of the fidelities, ascending. */
  readonly fidelityColumns: readonly number[];
  /** The valid point at a place of the unit cube (one number in [0, 1) per column); undefined where constraints exclude it. */
  sample(u: Float64Array): Float64Array | undefined;
  /** The valid point nearest to coordinates, itself if it is valid; undefined if constraints exclude its neighborhood. */
  repair(point: Float64Array): Float64Array | undefined;
  /** The same point with every fidelity at its target. */
  target(point: Float64Array): Float64Array;
}

/** @param space - valid, see `validateSpace` */
export function createCandidateSpace(space: SearchSpace): EncodedCandidateSpace {
  const fidelities = fidelityColumns(space);
  return {
    dimensions: dimensions(space),
    fidelityColumns: fidelities,
    sample(u) {
      const row = rowFromUnit(space, u);
      return space.constraints.length === 0 || isFeasible(space, decode(space, row)) ? row : undefined;
    },
    repair: (point) => repairOrNothing(space, point),
    target(point) {
      const result = point.slice();
      for (const column of fidelities) result[column] = 1;
      return result;
    },
  };
}
