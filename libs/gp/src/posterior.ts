import {
  blockDepth,
  copyFactor,
  copyIn,
  copyOut,
  createMatrix,
  type JointGaussian,
  type Matrix,
  padded,
  reserve,
  wasm,
} from "@superbatch/linalg";
import { priorVariance } from "./covariance.ts";
import type { Gram } from "./gram.ts";
import { type HyperparameterLayout, noiseVariance } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import { pointsSize, specificationSize, taskOffset, writePoints, writeSpecification } from "./kernel-memory.ts";
import type { Standardization } from "./standardization.ts";

/** What is known of the observations under one sample of the hyperparameters. */
export interface Conditioned {
  readonly layout: HyperparameterLayout;
  readonly theta: Float64Array;
  readonly x: Inputs;
  readonly gram: Gram;
  readonly units: Standardization;
}

/** What concerns the anchors alone: kept between calls. */
export interface AnchorPosterior {
  readonly inputs: Inputs;
  /** n × R: L⁻¹ k(X, anchors). */
  readonly projection: Matrix;
  readonly mean: Float64Array;
  readonly covariance: Matrix;
  readonly noise: Float64Array;
}

/** Posterior of f at the anchors (Rasmussen & Williams 2006, eq. 2.25 and 2.26), in y's units. */
export function anchorPosterior(model: Conditioned, anchors: Inputs): AnchorPosterior {
  const { x, units } = model;
  const r = anchors.count;
  const projected = project(model, anchors, anchors);
  const { numbers, cross, crossPoints, work, mean } = projected;
  const height = padded(r);
  wasm.symmetricProduct(crossPoints, height * 8, 0, cross, height * 8, height, padded(x.count), work);
  const covariance = copyOut(numbers, cross, r, r);
  const unit = units.scale * units.scale;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) {
      const value = unit * covariance[i * r + j]!;
      covariance[i * r + j] = i === j ? Math.max(value, 0) : value;
      covariance[j * r + i] = covariance[i * r + j]!;
    }
  }
  return {
    inputs: anchors,
    projection: createMatrix(x.count, r, copyOut(numbers, crossPoints, x.count, r)),
    mean,
    covariance: createMatrix(r, r, covariance),
    noise: noise(model, anchors),
  };
}

/** Posterior of f at the points, jointly with each anchor, in y's units. */
export function pointPosterior(model: Conditioned, anchors: AnchorPosterior, points: Inputs): JointGaussian {
  const { layout, theta, x, units } = model;
  const r = anchors.inputs.count;
  const q = points.count;
  const projected = project(model, anchors.inputs, points, padded(x.count) * padded(r));
  const { numbers, cross, crossPoints, work, further, mean } = projected;
  const width = padded(q);
  const variance = priorVariance(layout, theta, points);
  for (let i = 0; i < x.count; i++) {
    const row = crossPoints / 8 + i * width;
    for (let j = 0; j < q; j++) {
      const value = numbers[row + j]!;
      variance[j]! -= value * value;
    }
  }
  const unit = units.scale * units.scale;
  // Round-off can leave a variance just below zero at an observed point.
  for (let j = 0; j < q; j++) variance[j] = unit * Math.max(variance[j]!, 0);
  const height = padded(r);
  copyIn(numbers, further, anchors.projection.data, x.count, r);
  wasm.multiply(
    further,
    height * 8,
    1,
    crossPoints,
    width * 8,
    0,
    cross,
    width * 8,
    height,
    width,
    padded(x.count),
    work,
  );
  const covariance = copyOut(numbers, cross, r, q);
  for (let i = 0; i < covariance.length; i++) covariance[i]! *= unit;
  return {
    anchorMean: anchors.mean,
    anchorCovariance: anchors.covariance,
    anchorNoise: anchors.noise,
    mean,
    variance,
    noise: noise(model, points),
    cross: createMatrix(r, q, covariance),
  };
}

interface Projection {
  readonly numbers: Float64Array;
  /** Padded R × Q: the prior covariance of anchors and points. */
  readonly cross: number;
  /** Padded n × Q: L⁻¹ k(X, points). */
  readonly crossPoints: number;
  readonly work: number;
  readonly further: number;
  /** Q: posterior means in y's units. */
  readonly mean: Float64Array;
}

/** Everything up to the products of projections, in the linear memory. @param further - size of an area to lay out besides */
function project(model: Conditioned, anchors: Inputs, points: Inputs, further = 0): Projection {
  const { layout, theta, x, gram, units } = model;
  const [n, r, q] = [padded(x.count), padded(anchors.count), padded(points.count)];
  const { addresses, numbers } = reserve([
    specificationSize(layout),
    pointsSize(layout, n),
    pointsSize(layout, r),
    pointsSize(layout, q),
    n * n,
    n * q,
    r * q,
    (n + r + q) * blockDepth,
    further,
  ]);
  const [specification, px, pa, pq, factor, crossPoints, cross, work, area] = addresses as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  writeSpecification(layout, theta, numbers, specification);
  writePoints(layout, theta, x, numbers, px);
  writePoints(layout, theta, anchors, numbers, pa);
  writePoints(layout, theta, points, numbers, pq);
  const tasks = pq + taskOffset(layout, q);
  const fill = (from: number, rows: number, count: number, out: number) => {
    const fromTasks = from + taskOffset(layout, count);
    wasm.kernelMatrix(specification, from, fromTasks, count * 8, pq, tasks, q * 8, rows, q, 0, out, q * 8, 0, 0, work);
    numbers.fill(0, out / 8 + rows * q, out / 8 + count * q);
  };
  fill(pa, anchors.count, r, cross);
  fill(px, x.count, n, crossPoints);
  const mean = new Float64Array(points.count).fill(theta[layout.mean]!);
  for (let i = 0; i < x.count; i++) {
    const row = crossPoints / 8 + i * q;
    const weight = gram.alpha[i]!;
    for (let j = 0; j < mean.length; j++) mean[j]! += weight * numbers[row + j]!;
  }
  for (let j = 0; j < mean.length; j++) mean[j] = units.center + units.scale * mean[j]!;
  copyFactor(numbers, factor, gram.factor);
  wasm.solveLower(factor, n * 8, n, crossPoints, q * 8, q, 0, work);
  return { numbers, cross, crossPoints, work, further: area, mean };
}

function noise({ layout, theta, units }: Conditioned, points: Inputs): Float64Array {
  const variance = noiseVariance(layout, theta, points.count, points.fidelities);
  return variance.map((value) => value * units.scale * units.scale);
}
