import type { SearchSpace } from "@superbatch/search-space";
import { type FidelityAxis, fidelitiesOf } from "./fidelities.ts";
import type { StudyData } from "./study-data.ts";

/** η: one in so many moves up from a rung. */
export const defaultReductionFactor = 3;

/** Rungs where the fidelity's domain does not limit them, as when it starts at 0. */
const mostRungs = 5;

/** The levels of one fidelity at which successive halving evaluates. */
export interface Rungs {
  /** Of the fidelity. */
  readonly name: string;
  /** Its values, ascending. */
  readonly values: readonly number[];
  /** The rung of an encoded point; −1 if it is at none. */
  of(row: Float64Array): number;
  /** The encoded point at another rung. */
  move(row: Float64Array, rung: number): Float64Array;
  /** Tells configurations apart: an encoded point but for the fidelity. */
  configuration(row: Float64Array): string;
}

export function createRungs({ candidates }: StudyData, fidelity: FidelityAxis, factor: number): Rungs {
  const { name, axis } = fidelity;
  const values = rungsOf(fidelity, factor);
  const column = candidates.dimensions.findIndex((dimension) => dimension.name === name);
  return {
    name,
    values,
    of: (row) => values.indexOf(axis.decode(row[column]!)),
    move: (row, rung) => row.with(column, axis.encode(values[rung]!)),
    configuration: (row) => row.with(column, 0).join(),
  };
}

/** The fidelity of that name, else the space's first; undefined in a space without one. */
export function rungFidelity(space: SearchSpace, name: string | undefined): FidelityAxis | undefined {
  const fidelities = fidelitiesOf(space);
  return fidelities.find((fidelity) => fidelity.name === name) ?? fidelities[0];
}

/** Values of the fidelity, ascending: max, max/η, max/η², … down to its minimum. */
export function rungsOf({ axis }: FidelityAxis, factor: number): number[] {
  const rungs = [axis.max];
  for (let value = axis.max / factor; value >= axis.min && value > 0; value /= factor) {
    const snapped = axis.decode(axis.encode(value));
    if (snapped < rungs[0]!) rungs.unshift(snapped);
    if (axis.min <= 0 && rungs.length === mostRungs) break;
  }
  return rungs;
}
