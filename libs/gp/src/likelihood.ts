import { invertLower, padded, wasm } from "@superbatch/linalg";
import { createGram, factorGram, type Gram, type GramMemory } from "./gram.ts";
import { type HyperparameterLayout, logPrior } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { warpColumns } from "./kernel-memory.ts";
import { taskCovariance, taskGradient } from "./task-kernel.ts";

/** Posterior density of the hyperparameters given standardized observations. */
export interface Likelihood {
  readonly layout: HyperparameterLayout;
  /**
   * log p(y | θ) + log p(θ) (Rasmussen & Williams 2006, eq. 2.30); with `gradient`, its derivatives by θ are written there (eq. 5.9). −∞ outside
   * the prior's support.
   */
  logPosterior(theta: Float64Array, gradient?: Float64Array): number;
  gram(theta: Float64Array): Gram;
}

/** Beyond this, an unconstrained hyperparameter has no meaning in float64, and counts as outside the prior's support. */
const bound = 50;

/** @param y - n standardized values */
export function createLikelihood(layout: HyperparameterLayout, x: Inputs, y: Float64Array): Likelihood {
  const n = x.count;
  const width = padded(n);
  const gradientAreas = [
    width * width,
    width * width,
    layout.inputs.groups.length + warpColumns(layout) + 3 * layout.tasks.length,
  ];

  function logPosterior(theta: Float64Array, gradient?: Float64Array): number {
    gradient?.fill(0);
    if (!theta.every((value) => Math.abs(value) < bound)) return Number.NEGATIVE_INFINITY;
    const prior = logPrior(layout, theta, gradient);
    if (prior === Number.NEGATIVE_INFINITY || n === 0) return prior;
    const memory = factorGram(layout, theta, x, y, gradient ? gradientAreas : [], gradient !== undefined);
    if (gradient) addGradient(layout, theta, x, memory, gradient);
    return prior - 0.5 * (memory.quadratic + memory.logDeterminant + n * Math.log(2 * Math.PI));
  }

  return { layout, logPosterior, gram: (theta) => createGram(layout, theta, x, y) };
}

/** Adds ½ Σ_ij G_ij ∂K_ij/∂θ with G = α αᵀ − (K + diag σ²)⁻¹. */
function addGradient(
  layout: HyperparameterLayout,
  theta: Float64Array,
  x: Inputs,
  memory: GramMemory,
  gradient: Float64Array,
): void {
  const { numbers, noise, jitter } = memory;
  const n = x.count;
  const width = padded(n);
  const stride = width * 8;
  const [inverse, g, sums] = memory.further as [number, number, number];
  invertLower(numbers, memory.factor, width, inverse, memory.work);
  wasm.outerLower(memory.alpha, g, stride, width);
  wasm.symmetricProduct(inverse, stride, 1, g, stride, width, width, memory.work);
  const diagonal = new Float64Array(n);
  let noiseShare = 0;
  for (let i = 0; i < n; i++) {
    const at = g / 8 + i * (width + 1);
    diagonal[i] = numbers[at]!;
    // The contraction takes what is strictly below the diagonal.
    numbers[at] = 0;
    noiseShare += diagonal[i]! * (noise[i]! + jitter);
    const share = 0.5 * diagonal[i]! * noise[i]!;
    gradient[layout.noise]! += share;
    for (let f = 0; f < layout.slopeCount; f++) gradient[layout.slopes + f]! += share * (1 - x.fidelities[f * n + i]!);
    gradient[layout.mean]! += numbers[memory.alpha / 8 + i]!;
  }
  // tr(G K) without K: K is what was factored, less its noise.
  gradient[layout.amplitude]! += 0.5 * (memory.quadratic - n - noiseShare);
  wasm.kernelContraction(
    memory.specification,
    memory.points,
    memory.tasks,
    stride,
    n,
    g,
    stride,
    memory.base,
    memory.slope,
    sums,
    memory.work,
  );
  const groups = layout.inputs.groups.length;
  for (let d = 0; d < groups; d++) gradient[d]! += numbers[sums / 8 + d]!;
  let at = sums / 8 + groups;
  for (const start of layout.warpStart) {
    if (start < 0) continue;
    // The sums are of −2 ∂k/∂r² times squared differences (kernel-memory.ts): 2 Δz Δu = ½ (…), hence −¼.
    gradient[start]! -= 0.25 * (numbers[at]! - numbers[at + 1]!);
    gradient[start + 1]! -= 0.25 * (numbers[at + 2]! - numbers[at + 3]!);
    at += 4;
  }
  for (let f = 0; f < layout.tasks.length; f++) {
    addTaskGradient(layout, theta, x, f, diagonal, numbers.subarray(at + 3 * f), gradient);
  }
}

function addTaskGradient(
  layout: HyperparameterLayout,
  theta: Float64Array,
  x: Inputs,
  task: number,
  diagonal: Float64Array,
  sums: Float64Array,
  gradient: Float64Array,
): void {
  const { basis } = layout.tasks[task]!;
  const start = layout.taskStart[task]!;
  const own = theta.subarray(start);
  const size = basis === "exponential" ? 3 : 2;
  if (basis === "exponential") {
    for (let p = 0; p < 3; p++) gradient[start + p]! += sums[p]!;
  } else {
    gradient[start]! += sums[0]! + 2 * own[0]! * sums[1]!;
    gradient[start + 1]! += 2 * Math.exp(2 * own[1]!) * sums[1]!;
  }
  const derivative = new Float64Array(3);
  for (let i = 0; i < x.count; i++) {
    let others = Math.exp(theta[layout.amplitude]!);
    for (let f = 0; f < layout.tasks.length; f++) {
      const s = x.fidelities[f * x.count + i]!;
      if (f !== task) {
        others *= taskCovariance(layout.tasks[f]!.basis, theta.subarray(layout.taskStart[f]), s, s);
      } else taskGradient(basis, own, s, s, derivative, 0);
    }
    for (let p = 0; p < size; p++) gradient[start + p]! += 0.5 * diagonal[i]! * others * derivative[p]!;
  }
}
