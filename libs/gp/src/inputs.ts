import type { Matrix } from "@superbatch/linalg";
import type { Dimension, FidelityBasis, FidelityEffect } from "@superbatch/search-space";

/** The numeric columns that one hyperparameter dimension contributes to the distance; they share a length scale. */
export interface Group {
  readonly name: string;
  /** `euclidean`: squared difference, summed over the columns. `hamming`: 1 where the values differ, else 0. */
  readonly metric: "euclidean" | "hamming";
  /** First column, and how many (2 for a conditional numeric dimension, else 1). */
  readonly start: number;
  readonly columns: number;
}

export interface FidelityColumn {
  readonly name: string;
  readonly basis: FidelityBasis;
  readonly effect: FidelityEffect;
}

/** How encoded points become what the kernel sees; depends on the dimensions alone. */
export interface InputLayout {
  readonly dimensions: readonly Dimension[];
  readonly groups: readonly Group[];
  readonly fidelities: readonly FidelityColumn[];
  /** Whether fidelities are distance columns too. */
  readonly fidelityDistance: boolean;
  /** Number of distance columns, C. */
  readonly columns: number;
}

/** Points as the kernel sees them, column by column (structure of arrays: loops run over points). */
export interface Inputs {
  readonly count: number;
  /** C × n: value of column c at point i is `columns[c * count + i]`. */
  readonly columns: Float64Array;
  /** F × n: s of fidelity f at point i is `fidelities[f * count + i]`. */
  readonly fidelities: Float64Array;
}

/**
 * A conditional numeric dimension lies on an arc: x active ↦ ρ (sin(πx/2), cos(πx/2)) with ρ = 2/π, inactive ↦ (0, 0). So two active
 * points are nearly as far apart as their values, an inactive one is equally far (ρ) from all active ones, and two inactive
 * ones coincide. Being an embedding, it keeps every kernel positive definite. (Swersky, Duvenaud, Snoek, Hutter, Osborne 2013,
 * "Raiders of the lost architecture", with fixed angle and radius.) A conditional categorical dimension sees inactivity as one more category.
 */
const arcRadius = 2 / Math.PI;

/** @param fidelityDistance - whether fidelities are distance columns too: see `FidelityKernel` */
export function inputLayout(dimensions: readonly Dimension[], fidelityDistance = false): InputLayout {
  const groups: Group[] = [];
  const fidelities: FidelityColumn[] = [];
  let start = 0;
  for (const dimension of dimensions) {
    if (dimension.kind === "fidelity") {
      const { name, basis, effect = "open" } = dimension;
      fidelities.push({ name, basis, effect });
      if (!fidelityDistance) continue;
    }
    const columns = dimension.kind === "numeric" && dimension.condition ? 2 : 1;
    const metric = dimension.kind === "categorical" ? "hamming" : "euclidean";
    groups.push({ name: dimension.name, metric, start, columns });
    start += columns;
  }
  return { dimensions, groups, fidelities, fidelityDistance, columns: start };
}

/**
 * @param x - n × D, encoded
 * @param label - how errors call the matrix
 * @throws {RangeError} naming the element if the shape is wrong, a value is infinite, or NaN in a dimension without condition.
 */
export function toInputs(layout: InputLayout, x: Matrix, label: string): Inputs {
  const { dimensions, fidelityDistance } = layout;
  if (x.columns !== dimensions.length) {
    throw new RangeError(`${label} has ${x.columns} columns, the model ${dimensions.length} dimensions`);
  }
  const n = x.rows;
  const columns = new Float64Array(layout.columns * n);
  const fidelities = new Float64Array(layout.fidelities.length * n);
  let column = 0;
  let fidelity = 0;
  for (let d = 0; d < dimensions.length; d++) {
    const dimension = dimensions[d]!;
    const conditional = dimension.kind !== "fidelity" && dimension.condition !== undefined;
    for (let i = 0; i < n; i++) {
      const value = x.data[i * x.columns + d]!;
      const inactive = Number.isNaN(value) && conditional;
      if (!Number.isFinite(value) && !inactive)
        throw new RangeError(`${label}[${i}][${d}] (${dimension.name}) is ${value}`);
      if (dimension.kind === "fidelity") {
        fidelities[fidelity * n + i] = value;
        if (!fidelityDistance) continue;
      }
      if (dimension.kind === "categorical") columns[column * n + i] = inactive ? -1 : value;
      else if (!conditional) columns[column * n + i] = value;
      else if (!inactive) {
        columns[column * n + i] = arcRadius * Math.sin((Math.PI / 2) * value);
        columns[(column + 1) * n + i] = arcRadius * Math.cos((Math.PI / 2) * value);
      }
    }
    if (dimension.kind === "fidelity") fidelity++;
    if (dimension.kind !== "fidelity" || fidelityDistance)
      column += dimension.kind === "numeric" && conditional ? 2 : 1;
  }
  return { count: n, columns, fidelities };
}

/** The points of `a` followed by those of `b`. */
export function concatenateInputs(a: Inputs, b: Inputs): Inputs {
  const count = a.count + b.count;
  return {
    count,
    columns: join(a.columns, b.columns, a.count, b.count),
    fidelities: join(a.fidelities, b.fidelities, a.count, b.count),
  };
}

function join(a: Float64Array, b: Float64Array, n: number, m: number): Float64Array {
  const columns = n > 0 ? a.length / n : b.length / Math.max(m, 1);
  const result = new Float64Array(a.length + b.length);
  for (let c = 0; c < columns; c++) {
    result.set(a.subarray(c * n, (c + 1) * n), c * (n + m));
    result.set(b.subarray(c * m, (c + 1) * m), c * (n + m) + n);
  }
  return result;
}

/** The points of the given indices. */
export function selectInputs({ count, columns, fidelities }: Inputs, indices: readonly number[]): Inputs {
  const select = (values: Float64Array) => {
    const starts = Array.from({ length: count > 0 ? values.length / count : 0 }, (_, c) => c * count);
    return Float64Array.from(starts.flatMap((start) => indices.map((i) => values[start + i]!)));
  };
  return { count: indices.length, columns: select(columns), fidelities: select(fidelities) };
}
