import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createSobol, type Rng } from "@superbatch/random";

/** How much of a function's variance an input accounts for. */
export interface SobolIndex {
  /** Share of the variance that goes when this input alone is known, 0 to 1 up to sampling error. */
  readonly first: number;
  /** Share of the variance that stays when all other inputs are known: interactions included. At least `first`, up to sampling error. */
  readonly total: number;
  /** Standard errors of both, as if the points were independent; the quasi-random points used do better. */
  readonly firstError: number;
  readonly totalError: number;
}

export interface SobolIndicesOptions {
  /** Number of inputs d, 1 to 128. */
  readonly dimensions: number;
  /** Base points N; the function is evaluated at N · (d + 2). A power of two. @default 1024 */
  readonly samples?: number;
  /** Scrambles the points. */
  readonly rng: Rng;
}

/**
 * Sobol indices of a function over the unit cube with independent uniform inputs, by the pick-freeze scheme: first-order indices with the
 * estimator of Saltelli et al. (2010, table 2 b), total ones with that of Jansen (1999; table 2 f).
 *
 * @param evaluate - values at m × d points, in their order
 * @returns one index for each input; all 0 for a constant function.
 */
export function sobolIndices(options: SobolIndicesOptions, evaluate: (points: Matrix) => Float64Array): SobolIndex[] {
  const { dimensions: d, samples: n = 1024, rng } = options;
  // One sequence of 2d dimensions gives both matrices, as Saltelli (2002) proposes.
  const both = createSobol(2 * d, { rng }).take(n);
  const part = (offset: number) => {
    const points = createMatrix(n, d);
    for (let i = 0; i < n; i++) for (let j = 0; j < d; j++) points.data[i * d + j] = both[i * 2 * d + offset + j]!;
    return points;
  };
  const a = part(0);
  const b = part(d);
  const valuesA = evaluate(a);
  const valuesB = evaluate(b);
  const all = [...valuesA, ...valuesB];
  const center = mean(all);
  const variance = mean(all.map((value) => (value - center) ** 2));
  return Array.from({ length: d }, (_, j) => {
    if (!(variance > 1e-24 * Math.max(1, center * center))) return { first: 0, total: 0, firstError: 0, totalError: 0 };
    const mixed = createMatrix(n, d, a.data.slice());
    for (let i = 0; i < n; i++) mixed.data[i * d + j] = b.data[i * d + j]!;
    const values = evaluate(mixed);
    const first = Array.from(values, (value, i) => ((valuesB[i]! - center) * (value - valuesA[i]!)) / variance);
    const total = Array.from(values, (value, i) => (valuesA[i]! - value) ** 2 / (2 * variance));
    return { first: mean(first), total: mean(total), firstError: error(first), totalError: error(total) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function error(terms: readonly number[]): number {
  const center = mean(terms);
  return Math.sqrt(mean(terms.map((term) => (term - center) ** 2)) / terms.length);
}
