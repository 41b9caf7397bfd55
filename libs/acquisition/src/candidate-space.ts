import type { Dimension } from "@superbatch/search-space";

/**
 * The encoded search space as candidate generation sees it: where points may lie, and how to move in it. Values are those of
 * {@link Dimension}: numeric columns in [0, 1], fidelities from 0 at their minimum to 1 at their target (or less, where the space caps what
 * may be evaluated), categories as indices, NaN where a column is inactive.
 *
 * All methods are pure and return fresh arrays. A valid point is one that a trial could be given: levels snapped, conditions and
 * constraints met, fidelities within what may be evaluated.
 */
export interface CandidateSpace {
  /** One per column of an encoded point. */
  readonly dimensions: readonly Dimension[];
  /** Columns of the fidelities, ascending; empty for a space without any. */
  readonly fidelityColumns: readonly number[];
  /**
   * The valid point at a place of the unit cube; uniform `u` give points uniform over the space.
   *
   * @param u - one value in [0, 1) per dimension.
   * @returns undefined where the constraints exclude that place.
   */
  sample(u: Float64Array): Float64Array | undefined;
  /**
   * The valid point nearest to an arbitrary encoded one: values clamped and snapped to levels, inactive columns made NaN, columns that become
   * active filled (with the middle of their range). A valid point is returned unchanged.
   *
   * @returns undefined where no valid point lies nearby because of a constraint.
   */
  repair(point: Float64Array): Float64Array | undefined;
  /** The same point with every fidelity at its target, whether or not the target itself may be evaluated. */
  target(point: Float64Array): Float64Array;
}

/**
 * A space whose candidates all have the given fidelities: entropy search at a fixed super-batch size, or expected improvement at the
 * target. The target stays what it is.
 *
 * @param values - encoded value per fidelity column.
 * @throws {RangeError} if a column is not a fidelity of the space.
 */
export function withFixedFidelities(space: CandidateSpace, values: ReadonlyMap<number, number>): CandidateSpace {
  for (const column of values.keys()) {
    if (!space.fidelityColumns.includes(column)) throw new RangeError(`column ${column} is not a fidelity`);
  }
  const fix = (point: Float64Array) => {
    const fixed = Float64Array.from(point);
    for (const [column, value] of values) fixed[column] = value;
    return space.repair(fixed);
  };
  return {
    ...space,
    sample(u) {
      const point = space.sample(u);
      return point && fix(point);
    },
    repair: fix,
  };
}
