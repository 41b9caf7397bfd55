import { cholesky, createMatrix, multiplyTransposed, solveLower } from "@superbatch/linalg";
import { EigenvalueDecomposition, Matrix as MlMatrix } from "ml-matrix";
import type { Differentiable, Maximum } from "./maximize.ts";
import type { Prior } from "./prior.ts";

/** A Gaussian around a mode: mean and a square root of the covariance. */
export interface Gaussian {
  readonly mean: Float64Array;
  /** p × p, row-major: covariance = root · rootᵀ. */
  readonly root: Float64Array;
  /** p × p, row-major: the inverse of `root`. */
  readonly inverseRoot: Float64Array;
}

/** Standard deviations are this much larger than the curvature says, since posteriors have longer tails (measured: mixes best). */
const inflation = 1.4;

/**
 * Laplace's approximation at a mode, inflated: the inverse of the negative Hessian, from forward differences of the gradient. Directions
 * that are flatter than the priors' spread, or where the density curves upward, get the prior's spread.
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
    const sd = inflation / Math.sqrt(Math.max(realEigenvalues[k]!, 1));
    for (let i = 0; i < p; i++) {
      root[i * p + k] = priors[i]!.spread * eigenvectorMatrix.get(i, k) * sd;
      inverseRoot[k * p + i] = eigenvectorMatrix.get(i, k) / (sd * priors[i]!.spread);
    }
  }
  return { mean: mode, root, inverseRoot };
}

/**
 * A guide that covers a second mode too: centered between the modes by their densities, wider along the line between them (the moments of a
 * mixture of two equal shapes). Unchanged where the second mode is the same, or too low to matter.
 */
export function widen(guide: Gaussian, mode: Maximum, other: Maximum): Gaussian {
  const weight = 1 / (1 + Math.exp(mode.value - other.value));
  if (!(weight > 0.01)) return guide;
  const p = mode.theta.length;
  const between = other.theta.map((value, i) => value - mode.theta[i]!);
  const spread = Math.sqrt(weight * (1 - weight));
  const root = createMatrix(p, p, guide.root);
  const covariance = multiplyTransposed(root, root);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) covariance.data[i * p + j]! += spread * between[i]! * spread * between[j]!;
  }
  const { factor } = cholesky(covariance);
  const identity = createMatrix(p, p);
  for (let i = 0; i < p; i++) identity.data[i * p + i] = 1;
  return {
    mean: guide.mean.map((value, i) => value + weight * between[i]!),
    root: factor.data,
    inverseRoot: solveLower(factor, identity).data,
  };
}

/** root⁻¹ (θ − mean): standard normal where θ follows the Gaussian. */
export function whiten(guide: Gaussian, theta: Float64Array): Float64Array {
  const p = theta.length;
  const z = new Float64Array(p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) z[i]! += guide.inverseRoot[i * p + j]! * (theta[j]! - guide.mean[j]!);
  }
  return z;
}

/** mean + root z. */
export function unwhiten(guide: Gaussian, z: Float64Array): Float64Array {
  const p = z.length;
  const theta = guide.mean.slice();
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) theta[i]! += guide.root[i * p + j]! * z[j]!;
  }
  return theta;
}

/** rootᵀ g: the gradient by z where g is that by θ = mean + root z. */
export function unwhitenGradient(guide: Gaussian, gradient: Float64Array): Float64Array {
  const p = gradient.length;
  const result = new Float64Array(p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) result[j]! += guide.root[i * p + j]! * gradient[i]!;
  }
  return result;
}
