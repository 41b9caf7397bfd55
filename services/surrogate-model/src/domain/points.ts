import type { Matrix } from "@superbatch/linalg";
import type { FieldViolation } from "@superbatch/rpc";
import type { Dimension } from "@superbatch/search-space";

/** Violations of single values that are reported per matrix, each by the value's place in its data: the rest would not tell more. */
const maxReported = 10;

/** Points of a space that has shrunk since lie outside of [0, 1]; what is farther away than this was not scaled at all. */
const farthest = 1000;

/** Checks encoded points, n × columns: NaN exactly in inactive columns, category indices in range, all else finite. */
export function checkPoints(
  path: string,
  points: Matrix,
  dimensions: readonly Dimension[],
  violations: FieldViolation[],
): void {
  const { rows, columns, data } = points;
  if (rows === 0) return;
  if (columns !== dimensions.length) {
    violations.push({ path, message: `must have ${dimensions.length} columns, as the dimensions, not ${columns}` });
    return;
  }
  let reported = 0;
  for (let i = 0; i < rows && reported < maxReported; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    for (let j = 0; j < columns && reported < maxReported; j++) {
      const message = problem(row, j, dimensions);
      if (message === undefined) continue;
      const where = `row ${i}, column ${j} (${dimensions[j]!.name})`;
      violations.push({ path: `${path}.data[${i * columns + j}]`, message: `${where}: ${message}` });
      reported++;
    }
  }
}

function problem(row: Float64Array, column: number, dimensions: readonly Dimension[]): string | undefined {
  const value = row[column]!;
  const dimension = dimensions[column]!;
  if (!isActive(row, dimension)) {
    return Number.isNaN(value) ? undefined : `must be NaN where the column is inactive, not ${value}`;
  }
  if (!Number.isFinite(value)) return `must be finite, not ${value}`;
  if (dimension.kind !== "categorical" && Math.abs(value) > farthest) {
    return `must be scaled to [0, 1], at most ${farthest} away from 0 where a space has shrunk, not ${value}`;
  }
  if (dimension.kind === "categorical" && !(Number.isInteger(value) && value >= 0 && value < dimension.categories)) {
    return `must be a category's index from 0 to ${dimension.categories - 1}, not ${value}`;
  }
  return undefined;
}

/** An inactive parent is NaN, which is among no values: its children are inactive too. */
function isActive(row: Float64Array, dimension: Dimension): boolean {
  if (dimension.kind === "fidelity" || !dimension.condition) return true;
  return (
    dimension.condition.values.includes(row[dimension.condition.parent]!) &&
    !Number.isNaN(row[dimension.condition.parent]!)
  );
}

/** Variances are squares of values, and must be finite too. */
const largest = 1e150;

/** Checks that each value of a column is finite and not too large, and positive where it must be. */
export function checkValues(
  path: string,
  values: Float64Array,
  mustBePositive: boolean,
  violations: FieldViolation[],
): void {
  let reported = 0;
  for (let i = 0; i < values.length && reported < maxReported; i++) {
    const value = values[i]!;
    if (Math.abs(value) <= largest && !(mustBePositive && value <= 0)) continue;
    const wanted = mustBePositive ? `above 0 and at most ${largest}` : `from -${largest} to ${largest}`;
    violations.push({ path: `${path}.data[${i}]`, message: `must be ${wanted}, not ${value}` });
    reported++;
  }
}
