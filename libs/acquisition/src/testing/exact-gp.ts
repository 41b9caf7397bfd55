import {
  cholesky,
  createMatrix,
  type JointGaussian,
  type Matrix,
  multiply,
  solveLower,
  transpose,
} from "@superbatch/linalg";
import type { SurrogateOutput, SurrogatePosterior } from "../surrogate-posterior.ts";

/** An exact Gaussian process with given hyperparameters, for tests: no inference, no optimization, no speed. */
export interface ExactGp {
  /** n × D */
  readonly x: Matrix;
  readonly y: Float64Array;
  readonly lengthScale: number;
  readonly variance: number;
  readonly noise: number;
  readonly mean: number;
  /** Column that holds a fidelity, with how strongly low fidelity departs from the target: k_T = 1 + bias (1 − s)² (1 − s′)². */
  readonly fidelity?: { readonly column: number; readonly bias: number };
}

export function exactGpPosterior(gp: ExactGp, anchors: Matrix, points: Matrix): JointGaussian {
  const gram = covariance(gp, gp.x, gp.x);
  for (let i = 0; i < gram.rows; i++) gram.data[i * gram.rows + i] += gp.noise;
  const { factor } = cholesky(gram);
  const centered = createMatrix(
    gp.y.length,
    1,
    gp.y.map((y) => y - gp.mean),
  );
  const alpha = solveLower(factor, centered);
  const onAnchors = solveLower(factor, covariance(gp, gp.x, anchors));
  const onPoints = solveLower(factor, covariance(gp, gp.x, points));
  const variance = priorVariance(gp, points);
  for (let i = 0; i < onPoints.data.length; i++) variance[i % points.rows] -= onPoints.data[i] ** 2;
  return {
    anchorMean: multiply(transpose(onAnchors), alpha).data.map((value) => value + gp.mean),
    anchorCovariance: subtract(covariance(gp, anchors, anchors), multiply(transpose(onAnchors), onAnchors)),
    anchorNoise: new Float64Array(anchors.rows).fill(gp.noise),
    mean: multiply(transpose(onPoints), alpha).data.map((value) => value + gp.mean),
    variance: variance.map((v) => Math.max(0, v)),
    noise: new Float64Array(points.rows).fill(gp.noise),
    cross: subtract(covariance(gp, anchors, points), multiply(transpose(onAnchors), onPoints)),
  };
}

/** A surrogate of two such processes, or of several hyperparameter samples of each. */
export function exactSurrogate(models: Record<SurrogateOutput, readonly ExactGp[]>): SurrogatePosterior {
  return async (output, anchors, points, signal) => {
    signal?.throwIfAborted();
    return models[output].map((gp) => exactGpPosterior(gp, anchors, points));
  };
}

function priorVariance(gp: ExactGp, points: Matrix): Float64Array {
  const { data, columns } = points;
  return Float64Array.from({ length: points.rows }, (_, q) =>
    gp.fidelity
      ? gp.variance * (1 + gp.fidelity.bias * (1 - data[q * columns + gp.fidelity.column]) ** 4)
      : gp.variance,
  );
}

/** Matérn 5/2 over all other columns times the task kernel. */
function covariance(gp: ExactGp, a: Matrix, b: Matrix): Matrix {
  const result = createMatrix(a.rows, b.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let square = 0;
      for (let d = 0; d < a.columns; d++) {
        if (d === gp.fidelity?.column) continue;
        square += ((a.data[i * a.columns + d] - b.data[j * b.columns + d]) / gp.lengthScale) ** 2;
      }
      const r = Math.sqrt(5 * square);
      let value = gp.variance * (1 + r + (r * r) / 3) * Math.exp(-r);
      if (gp.fidelity) {
        const basis = (m: Matrix, row: number) => (1 - m.data[row * m.columns + gp.fidelity!.column]) ** 2;
        value *= 1 + gp.fidelity.bias * basis(a, i) * basis(b, j);
      }
      result.data[i * b.rows + j] = value;
    }
  }
  return result;
}

function subtract(a: Matrix, b: Matrix): Matrix {
  return createMatrix(
    a.rows,
    a.columns,
    a.data.map((value, i) => value - b.data[i]),
  );
}
