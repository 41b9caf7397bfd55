import { columns, encodeValue, isColumnActive } from "./columns.ts";
import { isActive } from "./condition.ts";
import type { Dimension } from "./dimension.ts";
import type { ParameterValue, Point, SearchSpace } from "./parameter.ts";

/** What each column of an encoded point means, in order. @param space - valid, see `validateSpace` */
export function dimensions(space: SearchSpace): Dimension[] {
  return columns(space).map((column) => column.dimension);
}

/**
 * A point as the model sees it: one number for each of {@link dimensions}, NaN where the parameter is inactive.
 *
 * {@link decode} takes it back exactly: categories, truth values, integers and discrete values always, floats on the decimal grid of
 * `NumericAxis`, on which all decoded points lie.
 *
 * @param point - valid, see `validatePoint`; values of inactive parameters are not looked at
 * @throws {RangeError} if an active parameter's value is missing or not in its domain.
 */
export function encode(space: SearchSpace, point: Point): Float64Array {
  const all = columns(space);
  const row = new Float64Array(all.length);
  all.forEach((column, index) => {
    row[index] = isColumnActive(column, row) ? encodeValue(column, point[column.name]) : Number.NaN;
  });
  return row;
}

/**
 * The valid point nearest to encoded coordinates, constraints left aside; parameters whose condition does not hold are absent, fixed
 * ones have their value.
 *
 * @param row - one coordinate for each column; those of inactive parameters are not looked at
 * @throws {RangeError} if the row has another length, or the coordinate of an active parameter is NaN.
 */
export function decode(space: SearchSpace, row: ArrayLike<number>): Point {
  const all = columns(space);
  if (row.length !== all.length) throw new RangeError(`expected ${all.length} coordinates, not ${row.length}`);
  const point: Record<string, ParameterValue> = {};
  const snapped = new Float64Array(all.length);
  let next = 0;
  for (const { name, domain, condition } of space.parameters) {
    if (domain.kind === "fixed") {
      if (isActive(condition, point)) point[name] = domain.value;
      continue;
    }
    const index = next++;
    const column = all[index]!;
    if (!isColumnActive(column, snapped)) {
      snapped[index] = Number.NaN;
      continue;
    }
    const coordinate = row[index]!;
    if (Number.isNaN(coordinate)) throw new RangeError(`the parameter ${name} is active and has no coordinate`);
    if (column.kind === "numeric") {
      const value = column.axis.decode(coordinate);
      point[name] = value;
      snapped[index] = column.axis.encode(value);
    } else {
      const category = Math.min(Math.max(Math.round(coordinate), 0), column.values.length - 1);
      point[name] = column.values[category]!;
      snapped[index] = category;
    }
  }
  return point;
}
