import type { Dimension, DimensionCondition } from "./dimension.ts";
import { createNumericAxis, isNumeric, type NumericAxis } from "./numeric-axis.ts";
import type { Parameter, ParameterValue, SearchSpace } from "./parameter.ts";

/** A column of the encoded point with what is needed to fill it. */
export type Column = {
  /** Index into the space's parameters. */
  readonly parameter: number;
  readonly name: string;
  readonly dimension: Dimension;
  readonly condition?: DimensionCondition;
} & (
  | { readonly kind: "numeric"; readonly axis: NumericAxis; readonly fidelity: boolean }
  | { readonly kind: "categorical"; readonly values: readonly ParameterValue[] }
);

const columnsOf = new WeakMap<SearchSpace, readonly Column[]>();

/** The columns of a valid space, in the order of its parameters, without the fixed ones. Computed once for each space object. */
export function columns(space: SearchSpace): readonly Column[] {
  let result = columnsOf.get(space);
  if (!result) {
    result = createColumns(space);
    columnsOf.set(space, result);
  }
  return result;
}

/** Index of each fidelity's column. */
export function fidelityColumns(space: SearchSpace): number[] {
  return columns(space).flatMap((column, index) => (column.kind === "numeric" && column.fidelity ? [index] : []));
}

/** Coordinate of a value in its column. @throws {RangeError} if the column's parameter cannot have the value. */
export function encodeValue(column: Column, value: ParameterValue | undefined): number {
  if (column.kind === "numeric") {
    if (typeof value === "number" && column.axis.contains(value)) return column.axis.encode(value);
  } else {
    const index = column.values.indexOf(value as ParameterValue);
    if (index >= 0) return index;
  }
  throw new RangeError(`${JSON.stringify(value)} is not a value of the parameter ${column.name}`);
}

/** Whether the column is active in a row whose earlier columns are filled. */
export function isColumnActive(column: Column, row: ArrayLike<number>): boolean {
  return !column.condition || column.condition.values.includes(row[column.condition.parent]!);
}

function createColumns(space: SearchSpace): Column[] {
  const result: Column[] = [];
  const columnOf = new Map<string, number>();
  space.parameters.forEach((parameter, index) => {
    const { name, domain } = parameter;
    if (domain.kind === "fixed") return;
    const condition = createCondition(parameter, result, columnOf);
    const shared = { parameter: index, name, ...(condition && { condition }) };
    columnOf.set(name, result.length);
    if (isNumeric(domain)) {
      const axis = createNumericAxis(domain, parameter.fidelity?.target);
      const levels = axis.levels === undefined ? {} : { levels: axis.levels };
      const { fidelity } = parameter;
      const effect = fidelity?.effect === "small" ? { effect: fidelity.effect } : {};
      const dimension: Dimension = fidelity
        ? { name, kind: "fidelity", basis: fidelity.basis, ...effect, ...levels }
        : { name, kind: "numeric", ...levels, ...(condition && { condition }) };
      result.push({ ...shared, dimension, kind: "numeric", axis, fidelity: fidelity !== undefined });
    } else {
      const values = domain.kind === "boolean" ? [false, true] : domain.categories;
      const dimension: Dimension = {
        name,
        kind: "categorical",
        categories: values.length,
        ...(condition && { condition }),
      };
      result.push({ ...shared, dimension, kind: "categorical", values });
    }
  });
  return result;
}

function createCondition(
  { name, condition }: Parameter,
  before: readonly Column[],
  columnOf: ReadonlyMap<string, number>,
): DimensionCondition | undefined {
  if (!condition) return undefined;
  const parent = columnOf.get(condition.parent);
  if (parent === undefined) throw new RangeError(`the condition of ${name} names no earlier parameter`);
  return { parent, values: condition.values.map((value) => encodeValue(before[parent]!, value)) };
}
