import { createMatrix, type JointGaussian, type Matrix, multiply, solveLower, transpose } from "@superbatch/linalg";
import { covariance, priorVariance } from "./covariance.ts";
import type { Gram } from "./gram.ts";
import { type HyperparameterLayout, noiseVariance } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
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
  const { layout, theta, units } = model;
  const { mean, projection } = project(model, anchors);
  const reduction = multiply(transpose(projection), projection);
  const prior = covariance(layout, theta, anchors, anchors);
  const r = anchors.count;
  const result = createMatrix(r, r);
  const unit = units.scale * units.scale;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j <= i; j++) {
      const value = unit * (prior.data[i * r + j]! - reduction.data[i * r + j]!);
      result.data[i * r + j] = i === j ? Math.max(value, 0) : value;
      result.data[j * r + i] = result.data[i * r + j]!;
    }
  }
  return { inputs: anchors, projection, mean, covariance: result, noise: noise(model, anchors) };
}

/** Posterior of f at the points, jointly with each anchor, in y's units. */
export function pointPosterior(model: Conditioned, anchors: AnchorPosterior, points: Inputs): JointGaussian {
  const { layout, theta, units } = model;
  const { mean, projection } = project(model, points);
  const unit = units.scale * units.scale;
  const q = points.count;
  const variance = priorVariance(layout, theta, points);
  for (let i = 0; i < projection.rows; i++) {
    for (let j = 0; j < q; j++) variance[j]! -= projection.data[i * q + j]! ** 2;
  }
  const cross = covariance(layout, theta, anchors.inputs, points);
  const reduction = multiply(transpose(anchors.projection), projection);
  for (let i = 0; i < cross.data.length; i++) cross.data[i] = unit * (cross.data[i]! - reduction.data[i]!);
  return {
    anchorMean: anchors.mean,
    anchorCovariance: anchors.covariance,
    anchorNoise: anchors.noise,
    mean,
    // Round-off can leave a variance just below zero at an observed point.
    variance: variance.map((value) => unit * Math.max(value, 0)),
    noise: noise(model, points),
    cross,
  };
}

function project(
  { layout, theta, x, gram, units }: Conditioned,
  points: Inputs,
): { mean: Float64Array; projection: Matrix } {
  const cross = covariance(layout, theta, x, points);
  const mean = new Float64Array(points.count).fill(theta[layout.mean]!);
  for (let i = 0; i < x.count; i++) {
    for (let j = 0; j < points.count; j++) mean[j]! += gram.alpha[i]! * cross.data[i * points.count + j]!;
  }
  return {
    mean: mean.map((value) => units.center + units.scale * value),
    projection: solveLower(gram.factor, cross),
  };
}

function noise({ layout, theta, units }: Conditioned, points: Inputs): Float64Array {
  const variance = noiseVariance(layout, theta, points.count, points.fidelities);
  return variance.map((value) => value * units.scale * units.scale);
}
