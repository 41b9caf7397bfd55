import {
  cholesky,
  createMatrix,
  type Matrix,
  solveLower,
  solveUpper,
  transpose,
  transposedMultiply,
} from "@superbatch/linalg";

/** Bayesian linear regression: w ~ N(0, I / α), y = Φ w + ε, ε ~ N(0, 1 / β). */
export interface Regression {
  /** Posterior means of the weights, M values. */
  readonly weights: Float64Array;
  /**
   * M × n matrix U = L⁻¹ Φᵀ of n × M features, with α I + β Φᵀ Φ = L Lᵀ over the observations: the posterior covariance of two sets of places is
   * Uᵃᵀ Uᵇ, so it is positive semidefinite.
   */
  whiten(features: Matrix): Matrix;
  /** Variance of the noise, 1 / β. */
  readonly noise: number;
}

/** Re-estimations of α and β. */
const rounds = 20;
const [alphaRange, betaRange] = [
  [1e-3, 1e3],
  [1, 1e5],
] as const;

/**
 * α and β maximize the evidence, by MacKay's fixed point (Bishop 2006, equations 3.91 to 3.95).
 *
 * @param features - n × M; n may be 0: the prior
 * @param y - n standardized values
 */
export function fitRegression(features: Matrix, y: Float64Array): Regression {
  const m = features.columns;
  const gram = transposedMultiply(features, features);
  const moment = transposedMultiply(features, createMatrix(y.length, 1, y));
  let [alpha, beta] = [1, 100];
  let solved = solve(gram, moment, alpha, beta);
  for (let round = 0; round < rounds && y.length > 0; round++) {
    const { weights, factor } = solved;
    // tr A⁻¹ = ‖L⁻¹‖² for A = L Lᵀ.
    const trace = solveLower(factor, identity(m)).data.reduce((sum, value) => sum + value ** 2, 0);
    const determined = Math.min(Math.max(m - alpha * trace, 1e-3), y.length - 1e-3);
    const size = weights.reduce((sum, value) => sum + value ** 2, 0);
    alpha = clamp(determined / Math.max(size, 1e-12), alphaRange);
    beta = clamp((y.length - determined) / Math.max(squaredError(features, weights, y), 1e-12), betaRange);
    solved = solve(gram, moment, alpha, beta);
  }
  const { factor, weights } = solved;
  return { weights, noise: 1 / beta, whiten: (at) => solveLower(factor, transpose(at)) };
}

function solve(gram: Matrix, moment: Matrix, alpha: number, beta: number): { factor: Matrix; weights: Float64Array } {
  const m = gram.rows;
  const a = createMatrix(
    m,
    m,
    gram.data.map((value) => beta * value),
  );
  for (let i = 0; i < m; i++) a.data[i * (m + 1)]! += alpha;
  const { factor } = cholesky(a);
  const right = createMatrix(
    m,
    1,
    moment.data.map((value) => beta * value),
  );
  return { factor, weights: solveUpper(factor, solveLower(factor, right)).data };
}

function squaredError({ rows, columns, data }: Matrix, weights: Float64Array, y: Float64Array): number {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    let value = -y[i]!;
    for (let j = 0; j < columns; j++) value += data[i * columns + j]! * weights[j]!;
    total += value ** 2;
  }
  return total;
}

function identity(n: number): Matrix {
  const matrix = createMatrix(n, n);
  for (let i = 0; i < n; i++) matrix.data[i * (n + 1)] = 1;
  return matrix;
}

function clamp(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(Math.max(value, low), high);
}
