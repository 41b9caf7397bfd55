import { columns, isColumnActive } from "./columns.ts";
import type { LinearConstraint, ParameterValue, Point, SearchSpace } from "./parameter.ts";

/** Relative excess over a bound that is put down to rounding. */
const tolerance = 1e-10;

/** Whether a point satisfies a constraint. Inactive and unknown parameters count as 0. */
export function satisfies(constraint: LinearConstraint, point: Point): boolean {
  let sum = 0;
  let size = Math.abs(constraint.bound);
  for (const [name, coefficient] of Object.entries(constraint.coefficients)) {
    const term = coefficient * numberOf(Object.hasOwn(point, name) ? point[name] : undefined);
    sum += term;
    size += Math.abs(term);
  }
  return sum - constraint.bound <= tolerance * size;
}

function numberOf(value: ParameterValue | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** A constraint over columns: Σ weight · value(column) ≤ bound, fixed parameters taken into the bound. */
export interface ColumnConstraint {
  readonly terms: readonly { readonly column: number; readonly weight: number }[];
  readonly bound: number;
}

/**
 * The space's constraints over its columns. Fixed parameters are constants in them; a fixed parameter with a condition counts only where
 * it is active, hence the row.
 *
 * @param row - encoded, at least its columns that are parents
 */
export function columnConstraints(space: SearchSpace, row: ArrayLike<number>): ColumnConstraint[] {
  if (space.constraints.length === 0) return [];
  const all = columns(space);
  const columnOf = new Map(all.map(({ name }, index) => [name, index]));
  return space.constraints.map(({ coefficients, bound }) => {
    const terms: { column: number; weight: number }[] = [];
    let rest = bound;
    for (const [name, weight] of Object.entries(coefficients)) {
      const column = columnOf.get(name);
      if (column !== undefined) {
        if (isColumnActive(all[column]!, row)) terms.push({ column, weight });
      } else rest -= weight * fixedValue(space, name, columnOf, row);
    }
    return { terms, bound: rest };
  });
}

function fixedValue(
  space: SearchSpace,
  name: string,
  columnOf: ReadonlyMap<string, number>,
  row: ArrayLike<number>,
): number {
  const parameter = space.parameters.find((candidate) => candidate.name === name);
  if (parameter?.domain.kind !== "fixed") return 0;
  if (parameter.condition) {
    const column = columns(space)[columnOf.get(parameter.condition.parent)!]!;
    const coordinate = row[columnOf.get(parameter.condition.parent)!]!;
    if (Number.isNaN(coordinate)) return 0;
    const value = column.kind === "numeric" ? column.axis.decode(coordinate) : column.values[coordinate]!;
    if (!parameter.condition.values.includes(value)) return 0;
  }
  return numberOf(parameter.domain.value);
}
