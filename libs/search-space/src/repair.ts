import { createRng, type Rng } from "@superbatch/random";
import { type Column, columns, fidelityColumns } from "./columns.ts";
import { type ColumnConstraint, columnConstraints, satisfies } from "./constraint.ts";
import { decode, encode } from "./encoding.ts";
import type { Point, SearchSpace } from "./parameter.ts";

/** Passes over all constraints before a projection is given up. */
const passes = 200;
/** Random rows tried before a space counts as infeasible. */
const attempts = 64;

const feasibleRows = new WeakMap<SearchSpace, Float64Array | null>();

/** Whether a valid point satisfies all linear constraints of its space. */
export function isFeasible(space: SearchSpace, point: Point): boolean {
  return space.constraints.every((constraint) => satisfies(constraint, point));
}

/**
 * The encoded form of a valid point near the given coordinates: snapped to values of each domain, inactive columns NaN, and moved into the
 * linear constraints if it violates them. An active column that is NaN starts at the middle of its domain. Where
 * {@link repairOrNothing} finds nothing, the result is a fixed feasible point of the space with the fidelities given.
 *
 * @throws {RangeError} if the space has no feasible point, which `validateSpace` excludes.
 */
export function repair(space: SearchSpace, row: ArrayLike<number>): Float64Array {
  const near = repairOrNothing(space, row);
  if (near) return near;
  const known = feasibleRow(space);
  if (!known) throw new RangeError("no point of the space satisfies all of its constraints");
  const result = known.slice();
  const snapped = snap(space, row);
  for (const column of fidelityColumns(space)) result[column] = snapped[column]!;
  return result;
}

/**
 * As {@link repair}, but only near the given coordinates. Constraints are met by cyclic projection (each violated half-space in turn,
 * distances relative to each parameter's range), then by steps of the integer and discrete values.
 *
 * @returns undefined where both fail, which takes tight constraints on integers, or on parameters with conditions.
 */
export function repairOrNothing(space: SearchSpace, row: ArrayLike<number>): Float64Array | undefined {
  const snapped = snap(space, row);
  if (space.constraints.length === 0 || isFeasible(space, decode(space, snapped))) return snapped;
  return moveIntoConstraints(space, snapped);
}

/** Some encoded point that satisfies the constraints, always the same for a space; undefined if none was found. */
export function feasibleRow(space: SearchSpace): Float64Array | undefined {
  let result = feasibleRows.get(space);
  if (result === undefined) {
    result = findFeasibleRow(space) ?? null;
    feasibleRows.set(space, result);
  }
  return result ?? undefined;
}

function findFeasibleRow(space: SearchSpace): Float64Array | undefined {
  const rng = createRng("feasible point");
  for (let attempt = 0; attempt < attempts; attempt++) {
    const row = snap(
      space,
      Float64Array.from(columns(space), (column) => start(column, attempt, rng)),
    );
    const result = isFeasible(space, decode(space, row)) ? row : moveIntoConstraints(space, row);
    if (result) return result;
  }
  return undefined;
}

/** The middle of everything at first, then random. */
function start(column: Column, attempt: number, rng: Rng): number {
  if (column.kind === "categorical") return attempt === 0 ? 0 : rng.integer(column.values.length);
  return attempt === 0 ? column.axis.top / 2 : rng.uniform() * column.axis.top;
}

function snap(space: SearchSpace, row: ArrayLike<number>): Float64Array {
  const filled = Float64Array.from(columns(space), (column, index) => {
    const coordinate = row[index]!;
    if (!Number.isNaN(coordinate)) return coordinate;
    return column.kind === "categorical" ? 0 : column.axis.top / 2;
  });
  return encode(space, decode(space, filled));
}

function moveIntoConstraints(space: SearchSpace, row: Float64Array): Float64Array | undefined {
  const all = columns(space);
  const constraints = columnConstraints(space, row);
  const values = Float64Array.from(all, (column, index) =>
    column.kind === "numeric" && !Number.isNaN(row[index]!) ? column.axis.decode(row[index]!) : 0,
  );
  if (!project(all, constraints, values)) return undefined;
  all.forEach((column, index) => {
    if (column.kind === "numeric") values[index] = column.axis.decode(column.axis.encode(values[index]!));
  });
  if (!stepDown(all, constraints, values)) return undefined;
  const moved = row.slice();
  all.forEach((column, index) => {
    if (column.kind === "numeric" && !Number.isNaN(row[index]!)) moved[index] = column.axis.encode(values[index]!);
  });
  // A moved integer may be the parent of a condition: what is active may have changed, and with it the sums.
  const result = snap(space, moved);
  return isFeasible(space, decode(space, result)) ? result : undefined;
}

/** Cyclic projection onto the half-spaces and the box of bounds, values taken as real numbers. @returns whether it got inside. */
function project(all: readonly Column[], constraints: readonly ColumnConstraint[], values: Float64Array): boolean {
  for (let pass = 0; pass < passes; pass++) {
    let inside = true;
    for (const { terms, bound } of constraints) {
      const excess = sumOf(terms, values) - bound;
      if (excess <= 0) continue;
      inside = false;
      let norm = 0;
      for (const { column, weight } of terms) norm += (weight * range(all[column]!)) ** 2;
      if (norm === 0) return false;
      // A little further than the boundary, so that rounding to the decimal grid does not cross it again.
      const factor = (excess + 1e-9 * Math.sqrt(norm)) / norm;
      for (const { column, weight } of terms) {
        const entry = all[column]!;
        if (entry.kind !== "numeric") continue;
        const value = values[column]! - factor * weight * range(entry) ** 2;
        values[column] = Math.min(Math.max(value, entry.axis.min), entry.axis.max);
      }
    }
    if (inside) return true;
  }
  // Projections may approach the boundary without end: near enough counts, the caller checks.
  return true;
}

/** Lowers violated sums by steps of integer and discrete values, the largest effective step first. @returns whether all are met. */
function stepDown(all: readonly Column[], constraints: readonly ColumnConstraint[], values: Float64Array): boolean {
  for (let step = 0; step < passes; step++) {
    const violated = constraints.find(({ terms, bound }) => sumOf(terms, values) > bound + 1e-10 * Math.abs(bound));
    if (!violated) return true;
    let best: { column: number; value: number; gain: number } | undefined;
    for (const { column, weight } of violated.terms) {
      const entry = all[column]!;
      if (entry.kind !== "numeric" || weight === 0) continue;
      const value = entry.axis.step(values[column]!, weight > 0 ? -1 : 1);
      if (value === undefined) continue;
      const gain = weight * (values[column]! - value);
      if (!best || gain > best.gain) best = { column, value, gain };
    }
    // Floats alone cannot be stepped: what is left is rounding, which the final check judges.
    if (!best) return true;
    values[best.column] = best.value;
  }
  return false;
}

function sumOf(terms: ColumnConstraint["terms"], values: Float64Array): number {
  let sum = 0;
  for (const { column, weight } of terms) sum += weight * values[column]!;
  return sum;
}

function range(column: Column): number {
  return column.kind === "numeric" ? column.axis.max - column.axis.min : 0;
}
