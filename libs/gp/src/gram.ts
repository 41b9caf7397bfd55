import { blockDepth, copyOut, createMatrix, jitters, type Matrix, padded, reserve, wasm } from "@superbatch/linalg";
import { type HyperparameterLayout, noiseVariance } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { pointsSize, specificationSize, taskOffset, writePoints, writeSpecification } from "./kernel-memory.ts";

/** A factored Gram matrix and what the posterior needs of it. */
export interface Gram {
  /** n × n lower triangle of K + diag(σ²) (+ jitter). */
  readonly factor: Matrix;
  readonly jitter: number;
  /** n: (K + diag(σ²))⁻¹ (y − mean). */
  readonly alpha: Float64Array;
}

/** A factored Gram matrix in the linear memory. Addresses are valid until the next reservation. */
export interface GramMemory {
  readonly numbers: Float64Array;
  readonly specification: number;
  /** Points as {@link writePoints} lays them out. */
  readonly points: number;
  readonly tasks: number;
  /** Padded n × n factor; undefined above the diagonal. */
  readonly factor: number;
  /** α, padded with zeros. */
  readonly alpha: number;
  readonly work: number;
  /** With derivatives: the padded n × n matrices that the contraction needs; else 0. */
  readonly base: number;
  readonly slope: number;
  /** Addresses of the further areas that the caller asked for. */
  readonly further: readonly number[];
  readonly jitter: number;
  /** n: σ² of each observation. */
  readonly noise: Float64Array;
  /** log |K + diag(σ²)|. */
  readonly logDeterminant: number;
  /** (y − mean)ᵀ α. */
  readonly quadratic: number;
}

/**
 * Builds and factors K + diag(σ²), with as little jitter as it needs, and solves for α.
 *
 * @param y - n standardized values
 * @param further - sizes of areas to lay out besides
 * @param derivatives - whether to lay out what derivatives need
 */
export function factorGram(
  layout: HyperparameterLayout,
  theta: Float64Array,
  x: Inputs,
  y: Float64Array,
  further: readonly number[] = [],
  derivatives = false,
): GramMemory {
  const n = x.count;
  const width = padded(n);
  const stride = width * 8;
  const { addresses, numbers } = reserve([
    specificationSize(layout),
    pointsSize(layout, n, derivatives),
    width * width,
    width,
    Math.max(2 * width * blockDepth, 2 * (width + 2)),
    derivatives ? width * width : 0,
    derivatives ? width * width : 0,
    ...further,
  ]);
  const [specification, points, factor, alpha, work] = addresses as [number, number, number, number, number];
  const [base, slope] = derivatives ? (addresses.slice(5) as [number, number]) : [0, 0];
  const tasks = points + taskOffset(layout, n, derivatives);
  writeSpecification(layout, theta, numbers, specification, derivatives);
  writePoints(layout, theta, x, numbers, points, derivatives);
  const noise = noiseVariance(layout, theta, n, x.fidelities);
  const start = factor / 8;
  let jitter = 0;
  let scale = 0;
  const build = () => {
    wasm.kernelMatrix(
      specification,
      points,
      tasks,
      stride,
      points,
      tasks,
      stride,
      n,
      n,
      1,
      factor,
      stride,
      base,
      slope,
      work,
    );
    numbers.fill(0, start + n * width, start + width * width);
    for (let i = 0; i < n; i++) numbers[start + i * (width + 1)]! += noise[i]!;
  };
  build();
  for (let i = 0; i < n; i++) scale = Math.max(scale, numbers[start + i * (width + 1)]!);
  for (jitter of jitters(scale)) {
    if (jitter > 0) build();
    for (let i = 0; i < n; i++) numbers[start + i * (width + 1)]! += jitter;
    for (let i = n; i < width; i++) numbers[start + i * (width + 1)] = scale;
    if (wasm.cholesky(factor, width, stride, scale * Number.EPSILON, work) === 0) break;
  }
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(numbers[start + i * (width + 1)]!);
  const vector = alpha / 8;
  const mean = theta[layout.mean]!;
  for (let i = 0; i < width; i++) numbers[vector + i] = i < n ? y[i]! - mean : 0;
  wasm.solveLowerVector(factor, stride, n, alpha);
  let quadratic = 0;
  for (let i = 0; i < n; i++) quadratic += numbers[vector + i]! ** 2;
  wasm.solveUpperVector(factor, stride, n, alpha);
  return {
    numbers,
    specification,
    points,
    tasks,
    factor,
    alpha,
    work,
    base,
    slope,
    further: addresses.slice(7),
    jitter,
    noise,
    logDeterminant,
    quadratic,
  };
}

/** {@link factorGram}, copied out of the linear memory. */
export function createGram(layout: HyperparameterLayout, theta: Float64Array, x: Inputs, y: Float64Array): Gram {
  const n = x.count;
  const { numbers, factor, alpha, jitter } = factorGram(layout, theta, x, y);
  const data = copyOut(numbers, factor, n, n);
  for (let i = 0; i < n; i++) data.fill(0, i * n + i + 1, (i + 1) * n);
  return { factor: createMatrix(n, n, data), jitter, alpha: numbers.slice(alpha / 8, alpha / 8 + n) };
}
