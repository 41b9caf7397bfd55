import { createSobol, type Rng } from "@superbatch/random";
import { columns, isColumnActive } from "./columns.ts";
import { decode } from "./encoding.ts";
import type { Point, SearchSpace } from "./parameter.ts";
import { isFeasible, repair } from "./repair.ts";

/** Draws that may violate the constraints before the last of them is repaired instead. */
const rejections = 1000;

/**
 * The encoded point at a place of the unit cube, constraints left aside. Uniform places give points that are uniform over the coordinates
 * of floats, the values of integers and discrete parameters (after their scale), and categories.
 *
 * @param u - one number in [0, 1) for each column; those of inactive columns are not used
 */
export function rowFromUnit(space: SearchSpace, u: ArrayLike<number>): Float64Array {
  const all = columns(space);
  const row = new Float64Array(all.length);
  all.forEach((column, index) => {
    if (!isColumnActive(column, row)) row[index] = Number.NaN;
    else if (column.kind === "numeric") row[index] = column.axis.encode(column.axis.quantile(u[index]!));
    else row[index] = Math.min(Math.floor(u[index]! * column.values.length), column.values.length - 1);
  });
  return row;
}

/**
 * A uniform random point. Linear constraints are met by rejection: uniform over what is feasible. Where 1,000 draws in a row are rejected,
 * the last one is repaired (see {@link repair}): still feasible, but then more often at the boundary than uniform points would be.
 */
export function samplePoint(space: SearchSpace, rng: Rng): Point {
  const draw = new Float64Array(columns(space).length);
  return firstFeasible(space, () => {
    for (let i = 0; i < draw.length; i++) draw[i] = rng.uniform();
    return draw;
  });
}

/** Points of a scrambled Sobol sequence, those that violate constraints left out. */
export interface SobolSampler {
  next(): Point;
  /** Passes over points: in constant time without constraints. */
  skip(count: number): void;
}

/**
 * Low-discrepancy points: more even than random ones, and each on its own uniform, as in {@link samplePoint}, whose rule for constraints
 * holds here too.
 *
 * @param rng - scrambles the sequence; equal streams give equal sequences
 */
export function createSobolSampler(space: SearchSpace, rng: Rng): SobolSampler {
  const sequence = createSobol(columns(space).length, { rng });
  const next = () => firstFeasible(space, () => sequence.next());
  return {
    next,
    skip(count) {
      if (space.constraints.length === 0) sequence.skip(count);
      else for (let i = 0; i < count; i++) next();
    },
  };
}

function firstFeasible(space: SearchSpace, draw: () => Float64Array): Point {
  let row = rowFromUnit(space, draw());
  for (let tries = 1; ; tries++) {
    const point = decode(space, row);
    if (isFeasible(space, point)) return point;
    if (tries === rejections) return decode(space, repair(space, row));
    row = rowFromUnit(space, draw());
  }
}
