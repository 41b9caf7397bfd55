import type { FidelityColumn } from "./inputs.ts";
import { normalPrior, type Prior } from "./prior.ts";

/**
 * The kernel over one fidelity, k_T(s, s′), under given hyperparameters. `fabolas`, `linear` and `cost` are φ(s)ᵀ L Lᵀ φ(s′) with two basis
 * functions, L = [[1, 0], [l₂₁, l₂₂]] (the amplitude a² stands for the first element), so k_T = u(s)·u(s′) with u = Lᵀφ:
 * - `fabolas`: φ(s) = (1, (1 − s)²) (Klein et al. 2017, section 4.1), k_T = 1 at the target s = 1;
 * - `linear`: φ(s) = (1, 1 − s);
 * - `cost`: φ(s) = (1, s), for log cost (Klein et al. 2017).
 *
 * `exponential` is 1 + γ (β / (s + s′ + β))^α: a limit plus a deviation that decays (freeze-thaw, Swersky et al. 2014, eq. 4).
 */
export type TaskBasis = "fabolas" | "linear" | "cost" | "exponential";

export interface TaskKernel {
  readonly name: string;
  readonly basis: TaskBasis;
}

export function taskKernels(fidelities: readonly FidelityColumn[], output: "objective" | "log-cost"): TaskKernel[] {
  return fidelities.map(({ name, basis }) => ({ name, basis: output === "log-cost" ? "cost" : basis }));
}

/**
 * Names, priors and meaning of a task kernel's hyperparameters; `positive` ones are given as logarithms.
 *
 * @param small - whether deviations from the target are believed to be small: those that follow the objective around a quarter of it, the others around a seventh,
 * of which 1 is still within a standard deviation of the logarithm, so that few observations suffice to correct it.
 */
export function taskParameters(task: TaskKernel, small = false): { name: string; positive: boolean; prior: Prior }[] {
  if (task.basis === "exponential") {
    return ["alpha", "beta", "gamma"].map((name) => ({
      name: `task.${task.name}.${name}`,
      positive: true,
      // γ is the variance of what decays, l₂₂ an amplitude.
      prior: small && name === "gamma" ? normalPrior(-4, 4) : normalPrior(0, 1),
    }));
  }
  return [
    { name: `task.${task.name}.l21`, positive: false, prior: normalPrior(0, small ? 0.25 : 1) },
    { name: `task.${task.name}.l22`, positive: true, prior: small ? normalPrior(-2, 2) : normalPrior(0, 1) },
  ];
}

/** φ₂(s), the second basis function of a two-function basis. */
export function secondBasisFunction(basis: TaskBasis, s: number): number {
  if (basis === "fabolas") return (1 - s) * (1 - s);
  return basis === "linear" ? 1 - s : s;
}

/** k_T(s, s′). @param theta - this task's unconstrained hyperparameters */
export function taskCovariance(basis: TaskBasis, theta: ArrayLike<number>, s: number, t: number): number {
  if (basis === "exponential") {
    return 1 + Math.exp(theta[2]!) * decay(s + t, Math.exp(theta[0]!), Math.exp(theta[1]!));
  }
  const p = secondBasisFunction(basis, s);
  const q = secondBasisFunction(basis, t);
  const l22 = Math.exp(theta[1]!);
  return (1 + theta[0]! * p) * (1 + theta[0]! * q) + l22 * l22 * p * q;
}

/** Derivatives of k_T by each unconstrained hyperparameter, written to `out` from `offset` on. */
export function taskGradient(
  basis: TaskBasis,
  theta: ArrayLike<number>,
  s: number,
  t: number,
  out: Float64Array,
  offset: number,
): void {
  if (basis === "exponential") {
    const alpha = Math.exp(theta[0]!);
    const beta = Math.exp(theta[1]!);
    const term = Math.exp(theta[2]!) * decay(s + t, alpha, beta);
    out[offset] = term * alpha * Math.log(beta / (s + t + beta));
    out[offset + 1] = (term * alpha * (s + t)) / (s + t + beta);
    out[offset + 2] = term;
    return;
  }
  const p = secondBasisFunction(basis, s);
  const q = secondBasisFunction(basis, t);
  out[offset] = p + q + 2 * theta[0]! * p * q;
  out[offset + 1] = 2 * Math.exp(2 * theta[1]!) * p * q;
}

function decay(sum: number, alpha: number, beta: number): number {
  return (beta / (sum + beta)) ** alpha;
}
