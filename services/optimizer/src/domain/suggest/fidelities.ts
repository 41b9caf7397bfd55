import {
  createNumericAxis,
  type FidelityEffect,
  isNumeric,
  type NumericAxis,
  type Point,
  type SearchSpace,
} from "@superbatch/search-space";

/** A fidelity of a space. */
export interface FidelityAxis {
  readonly name: string;
  /** In plain units. */
  readonly target: number;
  readonly effect: FidelityEffect;
  readonly axis: NumericAxis;
}

/** The fidelities of a space, in the order of its parameters. */
export function fidelitiesOf(space: SearchSpace): FidelityAxis[] {
  return space.parameters.flatMap(({ name, domain, fidelity }) => {
    if (!fidelity || !isNumeric(domain)) return [];
    const { target, effect = "open" } = fidelity;
    return [{ name, target, effect, axis: createNumericAxis(domain, target) }];
  });
}

/** The fidelity values of a point, in plain units. */
export function fidelityValues(space: SearchSpace, point: Point): Record<string, number> {
  return Object.fromEntries(fidelitiesOf(space).map(({ name }) => [name, point[name] as number]));
}

/**
 * Where fidelities are held: at the given values, the others at their domain's maximum. A value that is not of the domain is replaced by
 * the nearest one that is.
 */
export function heldFidelities(
  space: SearchSpace,
  values: Readonly<Record<string, number>> = {},
): Record<string, number> {
  return Object.fromEntries(
    fidelitiesOf(space).map(({ name, axis }) => [
      name,
      name in values ? axis.decode(axis.encode(clamp(values[name]!, axis.min, axis.max))) : axis.max,
    ]),
  );
}

/** The values of all fidelities at their targets, which may be beyond what the space allows to evaluate. */
export function targetFidelities(space: SearchSpace): Record<string, number> {
  return Object.fromEntries(fidelitiesOf(space).map(({ name, target }) => [name, target]));
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
