import { type Matrix, matrixFromRows } from "@superbatch/linalg";
import { matrixToProto, vectorToProto } from "../convert/matrix.ts";
import { Inference } from "../generated/superbatch/common/v1/gaussian_process.ts";
import type { SurrogateServiceClient } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";

export type FitRequest = Parameters<SurrogateServiceClient["fit"]>[0];

export const columns: NonNullable<FitRequest["dimensions"]> = [
  { name: "a", kind: { $case: "numeric", value: { levels: 0 } } },
  { name: "B", kind: { $case: "fidelity", value: { levels: 0 } } },
];

/** A smooth function with two columns, and a cost that grows with the second: quasi-random points, so that nothing is random. */
export function smoothData(n: number): { x: Matrix; y: Float64Array; cost: Float64Array } {
  const fraction = (value: number) => value - Math.floor(value);
  const rows = Array.from({ length: n }, (_, i) => [fraction(0.5 + i * 0.7548776662), fraction(0.5 + i * 0.569840291)]);
  return {
    x: matrixFromRows(rows),
    y: Float64Array.from(rows, ([a, s]) => 100 + 10 * Math.sin(4 * a!) + 2 * (1 - s!) ** 2),
    cost: Float64Array.from(rows, ([, s]) => Math.exp(1 + 2 * s!)),
  };
}

/** A fit of {@link smoothData}, one sample of the hyperparameters. */
export function fitRequest(n: number, changes: FitRequest = {}): FitRequest {
  const { x, y, cost } = smoothData(n);
  const data = { x: matrixToProto(x), y: vectorToProto(y), cost: vectorToProto(cost) };
  return { dimensions: columns, ...data, inference: Inference.MAP, seed: 7, ...changes };
}

/** Points of two columns to look at; the third is close to the second. */
export const probes = matrixFromRows([
  [0.1, 1],
  [0.4, 1],
  [0.45, 0.2],
  [0.9, 0.6],
]);

export const nothing: Matrix = { rows: 0, columns: 2, data: new Float64Array(0) };

/** The rows of a matrix in another order, or some of them. */
export function rowsOf({ columns: width, data }: Matrix, order: readonly number[]): Matrix {
  return matrixFromRows(order.map((i) => [...data.subarray(i * width, (i + 1) * width)]));
}
