import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng, type Rng } from "@superbatch/random";
import type { FidelityEffect } from "@superbatch/search-space";
import { fitGp } from "./fit.ts";
import type { FidelityKernel, FitOptions, GpModel, KernelName } from "./model.ts";
import { mixedDimensions, mixedPoints } from "./testing.ts";

/**
 * Fits and asks a model of a random, possibly degenerate data set: duplicates, 0 to `largest` points, scales from 1e-12 to 1e12, constant
 * values, values at a few levels, plain and mixed spaces, all kernels, priors and inferences.
 *
 * @returns what is wrong, in words; empty if nothing is.
 */
export function fuzzCase(seed: number, largest: number): string[] {
  const rng = createRng(`fuzz ${seed}`);
  const some = rng.integer(2) ? mixedDimensions : mixedDimensions.slice(0, 1 + rng.integer(2));
  const dimensions = some.map((dimension) =>
    dimension.kind === "fidelity" ? { ...dimension, effect: pick<FidelityEffect>(rng, ["open", "small"]) } : dimension,
  );
  const n = rng.integer(largest + 1);
  const x = narrow(randomX(n, rng), dimensions.length);
  const y = randomY(n, rng);
  const kernel = pick<KernelName>(rng, ["matern52", "rbf", "matern52-product"]);
  const options: FitOptions = {
    output: pick(rng, ["objective", "log-cost"]),
    inference: pick(rng, ["map", "mcmc"]),
    kernel,
    inputWarping: kernel !== "matern52-product" && rng.integer(2) === 1,
    priors: pick(rng, ["scaled", "robo"]),
    fidelityNoise: rng.integer(2) === 1,
    fidelityKernel: pick<FidelityKernel>(rng, ["task-and-distance", "task", "distance"]),
    samples: 2,
    burnIn: 1,
    thinning: 1,
    maxObservations: pick(rng, [40, 2000]),
  };
  const model = fitGp({ dimensions, x, y }, options, rng);
  const points = narrow(mixedPoints(5, rng), dimensions.length);
  const problems = check(model, x, points).concat(check(model, points, x));
  const added = Float64Array.from({ length: 5 }, () => y[0] ?? 1);
  return problems.concat(check(model.append(points, added), points, x));
}

function check(model: GpModel, anchors: Matrix, points: Matrix): string[] {
  const problems: string[] = [];
  const expectAll = (name: string, values: Float64Array, holds: (value: number) => boolean) => {
    const bad = values.find((value) => !holds(value));
    if (bad !== undefined) problems.push(`${name} holds ${bad}`);
  };
  for (const joint of model.posterior(anchors, points)) {
    expectAll("mean", joint.mean, Number.isFinite);
    expectAll("variance", joint.variance, (value) => value >= 0 && Number.isFinite(value));
    expectAll("noise", joint.noise, (value) => value > 0 && Number.isFinite(value));
    expectAll("anchor mean", joint.anchorMean, Number.isFinite);
    expectAll("anchor covariance", joint.anchorCovariance.data, Number.isFinite);
    expectAll("cross", joint.cross.data, Number.isFinite);
  }
  const loo = model.leaveOneOut();
  expectAll("leave-one-out mean", loo.mean, Number.isFinite);
  expectAll("leave-one-out variance", loo.variance, (value) => value >= 0 && Number.isFinite(value));
  expectAll("leave-one-out density", loo.logDensity, Number.isFinite);
  for (const { values, logPosterior } of model.samples) {
    expectAll("sample", Float64Array.of(...Object.values(values), logPosterior), Number.isFinite);
  }
  if (!(model.jitter >= 0 && Number.isFinite(model.jitter))) problems.push(`jitter is ${model.jitter}`);
  return problems;
}

function randomX(n: number, rng: Rng): Matrix {
  const x = mixedPoints(n, rng);
  const kind = rng.integer(4);
  if (n === 0 || kind === 0) return x;
  for (let i = 0; i < n; i++) {
    // Duplicates of earlier rows, clusters, or few distinct rows.
    const from = kind === 1 ? rng.integer(n) : kind === 2 ? rng.integer(Math.min(n, 3)) : i;
    const row = x.data.slice(from * 7, from * 7 + 7);
    if (kind === 3) for (const column of [0, 4, 5, 6]) row[column] = 0.5 + 1e-9 * row[column]!;
    x.data.set(row, i * 7);
  }
  return x;
}

function randomY(n: number, rng: Rng): Float64Array {
  const scale = 10 ** (24 * rng.uniform() - 12);
  const center = rng.integer(2) ? 10 ** (24 * rng.uniform() - 12) : 0;
  const kind = rng.integer(4);
  return new Float64Array(n).map(() => {
    if (kind === 0) return center;
    if (kind === 1) return center + scale * rng.integer(3);
    return center + scale * (kind === 2 ? rng.normal() : Math.exp(3 * rng.normal()));
  });
}

function narrow(x: Matrix, columns: number): Matrix {
  const result = createMatrix(x.rows, columns);
  for (let i = 0; i < x.rows; i++) result.data.set(x.data.subarray(i * 7, i * 7 + columns), i * columns);
  return result;
}

function pick<T>(rng: Rng, values: readonly T[]): T {
  return values[rng.integer(values.length)]!;
}
