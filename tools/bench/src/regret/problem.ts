import { encode, type Parameter, type Point, type SearchSpace } from "@superbatch/search-space";

/** A synthetic multi-fidelity problem: minimize the value at fidelity s = 1. */
export interface Problem {
  readonly name: string;
  /** Hyperparameters, and the fidelity `s` in [0, 1], always the last. */
  readonly space: SearchSpace;
  /** Noise-free objective at a valid point, at any fidelity. */
  value(point: Point): number;
  /** Smallest value at s = 1. */
  readonly minimum: number;
}

/** Cost of a trial, in full evaluations: a tenth of it does not depend on the fidelity. */
export function trialCost(point: Point): number {
  return 0.1 + 0.9 * (point.s as number);
}

/** The same point at the target fidelity. */
export function atTarget(point: Point): Point {
  return { ...point, s: 1 };
}

/**
 * A problem over the unit cube.
 *
 * @param value - of an encoded point: numbers in [0, 1], categories as indices, the fidelity last
 */
export function createProblem(options: {
  readonly name: string;
  readonly hyperparameters: readonly Parameter[];
  readonly minimum: number;
  readonly value: (row: Float64Array) => number;
}): Problem {
  const { name, hyperparameters, minimum, value } = options;
  const fidelity: Parameter = { ...unit("s"), fidelity: { target: 1, basis: "fabolas" } };
  const space: SearchSpace = { parameters: [...hyperparameters, fidelity], constraints: [] };
  return { name, space, minimum, value: (point) => value(encode(space, point)) };
}

/** `count` hyperparameters x0, x1, … in [0, 1]. */
export function continuous(count: number): Parameter[] {
  return Array.from({ length: count }, (_, d) => unit(`x${d}`));
}

function unit(name: string): Parameter {
  return { name, domain: { kind: "float", min: 0, max: 1, scale: "linear" } };
}
