import {
  cholesky,
  createMatrix,
  logDeterminant,
  type Matrix,
  multiply,
  solveLower,
  solveUpper,
  transpose,
} from "@superbatch/linalg";
import { contract, covariance } from "./covariance.ts";
import { type HyperparameterLayout, logPrior, noiseVariance } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";

/** A factored Gram matrix and what the posterior needs of it. */
export interface Gram {
  /** n × n lower triangle of K + diag(σ²) (+ jitter). */
  readonly factor: Matrix;
  readonly jitter: number;
  /** n: (K + diag(σ²))⁻¹ (y − mean). */
  readonly alpha: Float64Array;
}

/** Log marginal likelihood and posterior density of θ given standardized observations. Evaluations share scratch memory. */
export interface Likelihood {
  readonly layout: HyperparameterLayout;
  /** log p(y | θ) + log p(θ); with `gradient`, its derivatives by θ are written there. −∞ outside the prior's support. */
  logPosterior(theta: Float64Array, gradient?: Float64Array): number;
  gram(theta: Float64Array): Gram;
}

/** @param y - n standardized values */
export function createLikelihood(layout: HyperparameterLayout, x: Inputs, y: Float64Array): Likelihood {
  const n = x.count;

  function gram(theta: Float64Array): Gram & { noise: Float64Array; residual: Float64Array } {
    const noise = noiseVariance(layout, theta, n, x.fidelities);
    const k = covariance(layout, theta, x, x);
    for (let i = 0; i < n; i++) k.data[i * n + i]! += noise[i]!;
    const { factor, jitter } = cholesky(k);
    const residual = y.map((value) => value - theta[layout.mean]!);
    const alpha = solveUpper(factor, solveLower(factor, createMatrix(n, 1, residual))).data;
    return { factor, jitter, alpha, noise, residual };
  }

  function logPosterior(theta: Float64Array, gradient?: Float64Array): number {
    gradient?.fill(0);
    const prior = logPrior(layout, theta, gradient);
    if (prior === Number.NEGATIVE_INFINITY) return prior;
    const { factor, alpha, noise, residual } = gram(theta);
    let value = -0.5 * logDeterminant(factor) - 0.5 * n * Math.log(2 * Math.PI);
    for (let i = 0; i < n; i++) value -= 0.5 * alpha[i]! * residual[i]!;
    if (gradient) {
      const identity = createMatrix(n, n);
      for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
      const inverseFactor = solveLower(factor, identity);
      const g = multiply(transpose(inverseFactor), inverseFactor);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) g.data[i * n + j] = 0.5 * (alpha[i]! * alpha[j]! - g.data[i * n + j]!);
        const share = g.data[i * n + i]! * noise[i]!;
        gradient[layout.noise]! += share;
        for (let f = 0; f < layout.slopeCount; f++) {
          gradient[layout.slopes + f]! += share * (1 - x.fidelities[f * n + i]!);
        }
        gradient[layout.mean]! += alpha[i]!;
      }
      contract(layout, theta, x, g, gradient);
    }
    return value + prior;
  }

  return { layout, logPosterior, gram };
}
