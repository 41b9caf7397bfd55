import { EigenvalueDecomposition, Matrix as MlMatrix } from "ml-matrix";
import type { Differentiable } from "./maximize.ts";
import type { Prior } from "./prior.ts";

/** A Gaussian around a mode: mean and a square root of the covariance. */
export interface Gaussian {
  readonly mean: Float64Array;
  /** p × p, row-major: covariance = root · rootᵀ. */
  readonly root: Float64Array;
  /** p × p, row-major: the inverse of `root`. */
  readonly inverseRoot: Float64Array;
}

/**
 * Laplace's approximation at a mode: the inverse of the negative Hessian, from forward differences of the gradient. Directions that are
 * flatter than the priors' spread, or where the density curves upward, get the prior's spread.
 */
export function laplace(f: Differentiable, mode: Float64Array, priors: readonly Prior[]): Gaussian {
  const p = mode.length;
  const gradient = new Float64Array(p);
  f(mode, gradient);
  const moved = new Float64Array(p);
  const hessian = MlMatrix.zeros(p, p);
  for (let i = 0; i < p; i++) {
    const spread = priors[i]!.spread;
    const theta = mode.slice();
    const h = 1e-3 * spread;
    theta[i]! += h;
    f(theta, moved);
    for (let j = 0; j < p; j++) {
      // In units of the priors' spreads, so that one bound on the eigenvalues suits all.
      const second = ((gradient[j]! - moved[j]!) / h) * spread * priors[j]!.spread;
      const half = Number.isFinite(second) ? second / 2 : 0;
      hessian.set(i, j, hessian.get(i, j) + half);
      hessian.set(j, i, hessian.get(j, i) + half);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(hessian, { assumeSymmetric: true });
  const root = new Float64Array(p * p);
  const inverseRoot = new Float64Array(p * p);
  for (let k = 0; k < p; k++) {
    const sd = 1 / Math.sqrt(Math.max(realEigenvalues[k]!, 1));
    for (let i = 0; i < p; i++) {
      root[i * p + k] = priors[i]!.spread * eigenvectorMatrix.get(i, k) * sd;
      inverseRoot[k * p + i] = eigenvectorMatrix.get(i, k) / (sd * priors[i]!.spread);
    }
  }
  return { mean: mode, root, inverseRoot };
}
