import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { HyperparameterLayout } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { taskCovariance, taskGradient } from "./task-kernel.ts";

const root5 = Math.sqrt(5);

/** k(A, B), n_A × n_B: a² k_M(x, x′) Π k_T(s, s′), without noise. */
export function covariance(layout: HyperparameterLayout, theta: Float64Array, a: Inputs, b: Inputs): Matrix {
  const matrix = createMatrix(a.count, b.count);
  const scratch = createScratch(layout);
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) matrix.data[i * b.count + j] = evaluate(layout, theta, a, i, b, j, scratch);
  }
  return matrix;
}

/** k(x, x) of each point: constant over x, since k_M(x, x) = 1. */
export function priorVariance(layout: HyperparameterLayout, theta: Float64Array, points: Inputs): Float64Array {
  const variance = new Float64Array(points.count).fill(Math.exp(theta[layout.amplitude]!));
  for (let f = 0; f < layout.tasks.length; f++) {
    const own = theta.subarray(layout.taskStart[f]);
    for (let i = 0; i < points.count; i++) {
      const s = points.fidelities[f * points.count + i]!;
      variance[i]! *= taskCovariance(layout.tasks[f]!.basis, own, s, s);
    }
  }
  return variance;
}

/**
 * Σ_ij G_ij ∂K_ij/∂θ for every hyperparameter of the covariance (length scales, amplitude, tasks), added to `gradient`.
 *
 * @param g - n × n, symmetric; its lower triangle is read
 */
export function contract(
  layout: HyperparameterLayout,
  theta: Float64Array,
  points: Inputs,
  g: Matrix,
  gradient: Float64Array,
): void {
  const n = points.count;
  const scratch = createScratch(layout);
  const taskDerivative = new Float64Array(3);
  const { groups } = layout.inputs;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const weight = g.data[i * n + j]! * (i === j ? 1 : 2);
      const k = evaluate(layout, theta, points, i, points, j, scratch);
      gradient[layout.amplitude]! += weight * k;
      for (let d = 0; d < groups.length; d++) gradient[d]! += weight * k * scratch.ratio * scratch.distance[d]!;
      if (layout.kernel === "matern52-product") {
        for (let d = 0; d < groups.length; d++) gradient[d]! += weight * k * productRatio(scratch.distance[d]!);
      }
      for (let f = 0; f < layout.tasks.length; f++) {
        const start = layout.taskStart[f]!;
        const s = points.fidelities[f * n + i]!;
        const t = points.fidelities[f * n + j]!;
        const own = theta.subarray(start);
        taskGradient(layout.tasks[f]!.basis, own, s, t, taskDerivative, 0);
        const others = k / taskCovariance(layout.tasks[f]!.basis, own, s, t);
        const size = layout.tasks[f]!.basis === "exponential" ? 3 : 2;
        for (let p = 0; p < size; p++) gradient[start + p]! += weight * others * taskDerivative[p]!;
      }
    }
  }
}

interface Scratch {
  /** Per group: ((x − x′)/ℓ)². */
  readonly distance: Float64Array;
  /** ∂ log k_M / ∂ log ℓ_d divided by the group's distance (0 for the product kernel). */
  ratio: number;
}

function createScratch(layout: HyperparameterLayout): Scratch {
  return { distance: new Float64Array(layout.inputs.groups.length), ratio: 0 };
}

function evaluate(
  layout: HyperparameterLayout,
  theta: Float64Array,
  a: Inputs,
  i: number,
  b: Inputs,
  j: number,
  scratch: Scratch,
): number {
  const { groups } = layout.inputs;
  let total = 0;
  let k = Math.exp(theta[layout.amplitude]!);
  for (let d = 0; d < groups.length; d++) {
    const { metric, start, columns } = groups[d]!;
    let distance = 0;
    for (let c = start; c < start + columns; c++) {
      const difference = a.columns[c * a.count + i]! - b.columns[c * b.count + j]!;
      distance += metric === "hamming" ? Number(difference !== 0) : difference * difference;
    }
    distance *= Math.exp(-2 * theta[d]!);
    scratch.distance[d] = distance;
    total += distance;
    if (layout.kernel === "matern52-product") k *= matern(distance);
  }
  scratch.ratio = 0;
  if (layout.kernel === "matern52") {
    k *= matern(total);
    scratch.ratio = maternRatio(total);
  } else if (layout.kernel === "rbf") {
    k *= Math.exp(-0.5 * total);
    scratch.ratio = 1;
  }
  for (let f = 0; f < layout.tasks.length; f++) {
    const own = theta.subarray(layout.taskStart[f]);
    const s = a.fidelities[f * a.count + i]!;
    k *= taskCovariance(layout.tasks[f]!.basis, own, s, b.fidelities[f * b.count + j]!);
  }
  return k;
}

/** (1 + √5 r + 5r²/3) exp(−√5 r) of the squared scaled distance r². */
function matern(squared: number): number {
  const r = root5 * Math.sqrt(squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** −2 r² d log k / d r², divided by r²: (5/3)(1 + √5 r) / (1 + √5 r + 5r²/3). */
function maternRatio(squared: number): number {
  const r = root5 * Math.sqrt(squared);
  return ((5 / 3) * (1 + r)) / (1 + r + (r * r) / 3);
}

function productRatio(squared: number): number {
  return squared * maternRatio(squared);
}
