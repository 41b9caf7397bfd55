import { columns } from "./columns.ts";
import { isActive } from "./condition.ts";
import { encode } from "./encoding.ts";
import type { ParameterValue, Point, SearchSpace } from "./parameter.ts";
import { isFeasible } from "./repair.ts";

/**
 * The points that differ from a point in one choice: another category or truth value, or the next value above or below of an integer or
 * discrete parameter. Floats stay as they are. Parameters that become active get the middle of their domain. Points that violate a
 * constraint are left out.
 *
 * @returns in the order of the columns, without duplicates
 */
export function neighbors(space: SearchSpace, point: Point): Point[] {
  return columns(space).flatMap((column) => {
    const value = Object.hasOwn(point, column.name) ? point[column.name] : undefined;
    if (value === undefined) return [];
    const others =
      column.kind === "categorical"
        ? column.values.filter((other) => other !== value)
        : ([-1, 1] as const).map((direction) => column.axis.step(value as number, direction));
    return others
      .filter((other) => other !== undefined)
      .map((other) => complete(space, { ...point, [column.name]: other }))
      .filter((neighbor) => isFeasible(space, neighbor));
  });
}

/**
 * A valid point from values for some of the parameters: inactive ones are dropped, active ones without a value get the middle of their
 * domain (the first category, false), fixed ones their value. Constraints are left aside.
 *
 * @throws {RangeError} if a value is not in its domain.
 */
export function complete(space: SearchSpace, values: Point): Point {
  const result: Record<string, ParameterValue> = {};
  const all = columns(space);
  let next = 0;
  for (const { name, domain, condition } of space.parameters) {
    const column = domain.kind === "fixed" ? undefined : all[next++]!;
    if (!isActive(condition, result)) continue;
    if (domain.kind === "fixed") result[name] = domain.value;
    else if (Object.hasOwn(values, name)) result[name] = values[name]!;
    else result[name] = column!.kind === "categorical" ? column!.values[0]! : column!.axis.decode(column!.axis.top / 2);
  }
  // Encoding refuses values outside their domain.
  encode(space, result);
  return result;
}
