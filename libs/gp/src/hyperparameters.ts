import type { InputLayout } from "./inputs.ts";
import type { FitOptions, GpData, KernelName } from "./model.ts";
import { horseshoePrior, normalPrior, type Prior, topHatPrior } from "./prior.ts";
import { type TaskKernel, taskKernels, taskParameters } from "./task-kernel.ts";
import { isWarpable, warpPrior } from "./warp.ts";

/**
 * Where each hyperparameter stands in the unconstrained vector θ, in standardized units (y has mean 0 and sd 1):
 * log ℓ (one per group), log a², log σ² (at the targets), slopes of log σ², mean, then each task kernel's, then each
 * warping's.
 */
export interface HyperparameterLayout {
  readonly kernel: KernelName;
  readonly inputs: InputLayout;
  readonly tasks: readonly TaskKernel[];
  readonly names: readonly string[];
  readonly priors: readonly Prior[];
  /** Index of log a²; length scales are 0 … amplitude − 1. */
  readonly amplitude: number;
  readonly noise: number;
  /** Index of the first noise slope, and their number (0 or one per fidelity). */
  readonly slopes: number;
  readonly slopeCount: number;
  readonly mean: number;
  /** Index of each task kernel's first hyperparameter. */
  readonly taskStart: readonly number[];
  /** Index of log a of each group's warping (log b follows); −1 where the group is not warped. */
  readonly warpStart: readonly number[];
}

/** @param noiseHint - expected noise sd in standardized units, or undefined */
export function hyperparameterLayout(
  inputs: InputLayout,
  options: FitOptions,
  noiseHint: GpData["noiseHint"],
): HyperparameterLayout {
  const robo = options.priors === "robo";
  const names: string[] = [];
  const priors: Prior[] = [];
  const add = (name: string, prior: Prior) => {
    names.push(name);
    priors.push(prior);
    return names.length - 1;
  };
  // A distance in d dimensions grows as √d, and so does a length scale of the same smoothness (Hvarfner, Hellsten & Nardi 2024).
  // The values of this and of the amplitude's prior predict held-out data best among those tried (`npm run bench -- gp-calibration`).
  const location = 0.5 * Math.log(Math.max(1, inputs.groups.length));
  // What is believed of a fidelity is of the objective, not of cost.
  const small = new Set(
    inputs.fidelities.flatMap(({ name, effect }) =>
      effect === "small" && options.output === "objective" ? [name] : [],
    ),
  );
  for (const { name } of inputs.groups) {
    const usual = small.has(name) ? location + 1 : location;
    add(`lengthScale.${name}`, robo ? topHatPrior(-10, 2, 0) : normalPrior(usual, 1));
  }
  const amplitude = add("amplitude", robo ? normalPrior(-2, 1) : normalPrior(0, 1.5));
  const noise = add("noise", noisePrior(robo, noiseHint));
  const slopes = names.length;
  if (options.fidelityNoise) {
    for (const { name } of inputs.fidelities) add(`noiseSlope.${name}`, normalPrior(0, 1));
  }
  const slopeCount = names.length - slopes;
  const mean = add("mean", normalPrior(0, 1));
  // Cost far beyond what was tried would fall back to the mean of what was, without a basis.
  const without = options.fidelityKernel === "distance" && options.output === "objective";
  const tasks = without ? [] : taskKernels(inputs.fidelities, options.output);
  const taskStart = tasks.map((task) => {
    const start = names.length;
    for (const parameter of taskParameters(task, small.has(task.name))) add(parameter.name, parameter.prior);
    return start;
  });
  const warpStart = inputs.groups.map((group) => {
    if (!options.inputWarping || !isWarpable(group)) return -1;
    const start = add(`warp.${group.name}.a`, warpPrior);
    add(`warp.${group.name}.b`, warpPrior);
    return start;
  });
  return {
    kernel: options.kernel ?? "matern52",
    inputs,
    tasks,
    names,
    priors,
    amplitude,
    noise,
    slopes,
    slopeCount,
    mean,
    taskStart,
    warpStart,
  };
}

function noisePrior(robo: boolean, hint: number | undefined): Prior {
  if (hint !== undefined) return normalPrior(2 * Math.log(Math.max(hint, 1e-6)), 0.5);
  return robo ? horseshoePrior(0.001) : normalPrior(-5, 2);
}

/** Σ log p(θ_i), and its gradient where `gradient` is given. */
export function logPrior(layout: HyperparameterLayout, theta: ArrayLike<number>, gradient?: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < layout.priors.length; i++) {
    sum += layout.priors[i]!.logDensity(theta[i]!);
    if (gradient) gradient[i]! += layout.priors[i]!.derivative(theta[i]!);
  }
  return sum;
}

/** σ² at each point: its logarithm is log σ² at the targets plus slope · (1 − s), summed over the fidelities. */
export function noiseVariance(
  layout: HyperparameterLayout,
  theta: ArrayLike<number>,
  count: number,
  fidelities: Float64Array,
): Float64Array {
  const logarithm = new Float64Array(count).fill(theta[layout.noise]!);
  for (let f = 0; f < layout.slopeCount; f++) {
    const slope = theta[layout.slopes + f]!;
    for (let i = 0; i < count; i++) logarithm[i]! += slope * (1 - fidelities[f * count + i]!);
  }
  return logarithm.map(Math.exp);
}
