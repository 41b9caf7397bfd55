import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { taskCovariance } from "./task-kernel.ts";
import { warp } from "./warp.ts";

/** Every kind of dimension: plain, conditional, categorical, conditional categorical, and three fidelities of different bases. */
export const mixedDimensions: readonly Dimension[] = [
  { name: "a", kind: "numeric" },
  { name: "kind", kind: "categorical", categories: 3 },
  { name: "b", kind: "numeric", condition: { parent: 1, values: [1, 2] } },
  { name: "c", kind: "categorical", categories: 2, condition: { parent: 1, values: [2] } },
  { name: "s", kind: "fidelity", basis: "fabolas" },
  { name: "t", kind: "fidelity", basis: "exponential" },
  { name: "u", kind: "fidelity", basis: "linear" },
];

/** n random points of {@link mixedDimensions}, encoded. */
export function mixedPoints(n: number, rng: Rng): Matrix {
  const x = createMatrix(n, 7);
  for (let i = 0; i < n; i++) {
    const kind = rng.integer(3);
    const b = kind > 0 ? rng.uniform() : Number.NaN;
    const c = kind > 1 ? rng.integer(2) : Number.NaN;
    x.data.set([rng.uniform(), kind, b, c, rng.uniform(), rng.uniform(), rng.uniform()], i * 7);
  }
  return x;
}

/** A random position near the priors' centers. */
export function randomTheta(layout: HyperparameterLayout, rng: Rng): Float64Array {
  return Float64Array.from(layout.priors, (prior) => prior.center + 0.5 * rng.normal());
}

/** k between one point of A and one of B, straight from the definitions. */
export function plainCovariance(
  layout: HyperparameterLayout,
  theta: Float64Array,
  a: Inputs,
  i: number,
  b: Inputs,
  j: number,
): number {
  const distances = layout.inputs.groups.map(({ metric, start, columns }, d) => {
    let distance = 0;
    for (let c = start; c < start + columns; c++) {
      const warped = layout.warpStart[d]!;
      const map = (value: number) => (warped < 0 ? value : warp(value, theta[warped]!, theta[warped + 1]!));
      const difference = map(a.columns[c * a.count + i]!) - map(b.columns[c * b.count + j]!);
      distance += metric === "hamming" ? Number(difference !== 0) : difference * difference;
    }
    return distance * Math.exp(-2 * theta[d]!);
  });
  const total = distances.reduce((sum, distance) => sum + distance, 0);
  const stationary = {
    matern52: () => matern(total),
    rbf: () => Math.exp(-0.5 * total),
    "matern52-product": () => distances.reduce((product, distance) => product * matern(distance), 1),
  }[layout.kernel]();
  return layout.tasks.reduce((product, { basis }, f) => {
    const own = theta.subarray(layout.taskStart[f]);
    const s = a.fidelities[f * a.count + i]!;
    return product * taskCovariance(basis, own, s, b.fidelities[f * b.count + j]!);
  }, Math.exp(theta[layout.amplitude]!) * stationary);
}

function matern(squared: number): number {
  const r = Math.sqrt(5 * squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}
