import { createMatrix, type JointGaussian, type Matrix, multiply, transposedMultiply } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { toInputs } from "./inputs.ts";
import { type Network, trainNetwork } from "./network.ts";
import { fitRegression, type Regression } from "./regression.ts";

/** What a model is fitted to: n observations of one output. */
export interface NeuralLinearData {
  readonly dimensions: readonly Dimension[];
  /** n × D, encoded: NaN where a conditional dimension is inactive. */
  readonly x: Matrix;
  /** n finite values. */
  readonly y: Float64Array;
}

export interface NeuralLinearOptions {
  /** Networks, trained from different starts: each is one sample of the model. At least 1. @default 5 */
  readonly members?: number;
  /** Units of each of the two hidden layers. @default 32 */
  readonly units?: number;
  /** Steps of the optimizer for each network. @default 400 */
  readonly steps?: number;
  /** Called before each step; may throw to end the work. */
  readonly checkpoint?: () => void;
}

/** A fitted model. Immutable. */
export interface NeuralLinearModel {
  readonly members: number;
  /** Estimate of the memory that it holds. */
  readonly bytes: number;
  /**
   * One Gaussian for each network, in y's units; their spread is what the networks leave open, their covariances what the last layers do.
   *
   * @param checkpoint - called before each block of points; may throw.
   */
  posterior(anchors: Matrix, points: Matrix, checkpoint?: () => void): JointGaussian[];
}

/** Observations that a network sees in a step. */
const batch = 128;

interface Member {
  readonly network: Network;
  readonly regression: Regression;
}

/**
 * Bayesian linear regression on the features of neural networks (DNGO: Snoek et al. 2015, "Scalable Bayesian optimization using deep neural
 * networks"), for an ensemble of networks. The time of a fit hardly depends on the number of observations.
 *
 * @throws whatever `options.checkpoint` throws.
 */
export function fitNeuralLinear(data: NeuralLinearData, options: NeuralLinearOptions, rng: Rng): NeuralLinearModel {
  const { members = 5, units = 32, steps = 400, checkpoint = () => {} } = options;
  const scale = unitsOf(data.y);
  const y = data.y.map((value) => (value - scale.mean) / scale.size);
  const inputs = toInputs(data.dimensions, data.x);
  const training = {
    units,
    steps: y.length === 0 ? 0 : steps,
    batch,
    learningRate: 0.01,
    weightDecay: 0.01,
    checkpoint,
  };
  const fitted = Array.from({ length: members }, (_, i): Member => {
    const network = trainNetwork(inputs, y, training, rng.fork(i));
    return { network, regression: fitRegression(network.features(inputs), y) };
  });
  return {
    members,
    bytes: 8 * members * 4 * (units + 1) * (units + inputs.columns + 1),
    posterior: (anchors, points, check = () => {}) =>
      fitted.map((member) => memberPosterior(member, data.dimensions, scale, anchors, points, check)),
  };
}

interface Units {
  readonly mean: number;
  readonly size: number;
}

/** Mean and standard deviation; of constant values their own size. */
function unitsOf(y: Float64Array): Units {
  const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  if (y.length === 0) return { mean: 0, size: 1 };
  const mean = y.reduce((sum, value) => sum + value / largest, 0) / y.length;
  const size = Math.sqrt(y.reduce((sum, value) => sum + (value / largest - mean) ** 2, 0) / y.length);
  return { mean: mean * largest, size: (size > 1e-12 ? size : 1) * largest };
}

/** Points per step: bounds the memory (units × points) and the time until a cancellation is seen. */
const blockPoints = 4096;

function memberPosterior(
  { network, regression }: Member,
  dimensions: readonly Dimension[],
  units: Units,
  anchors: Matrix,
  points: Matrix,
  checkpoint: () => void,
): JointGaussian {
  const square = units.size ** 2;
  const [r, q] = [anchors.rows, points.rows];
  const look = (places: Matrix) => {
    const features = network.features(toInputs(dimensions, places));
    const mean = multiply(features, createMatrix(features.columns, 1, regression.weights)).data;
    return { mean: mean.map((value) => value * units.size + units.mean), white: regression.whiten(features) };
  };
  const there = look(anchors);
  const noise = regression.noise * square;
  const result: JointGaussian = {
    anchorMean: there.mean,
    anchorCovariance: transposedMultiply(there.white, there.white),
    anchorNoise: new Float64Array(r).fill(noise),
    mean: new Float64Array(q),
    variance: new Float64Array(q),
    noise: new Float64Array(q).fill(noise),
    cross: createMatrix(r, q),
  };
  result.anchorCovariance.data.forEach((value, i, all) => {
    all[i] = value * square;
  });
  for (let start = 0; start < q; start += blockPoints) {
    checkpoint();
    const end = Math.min(start + blockPoints, q);
    const rows = points.data.subarray(start * points.columns, end * points.columns);
    const here = look(createMatrix(end - start, points.columns, rows));
    result.mean.set(here.mean, start);
    const { white } = here;
    for (let k = 0; k < white.data.length; k++)
      result.variance[start + (k % white.columns)]! += square * white.data[k]! ** 2;
    const cross = transposedMultiply(there.white, white);
    for (let i = 0; i < r; i++) {
      for (let j = 0; j < white.columns; j++)
        result.cross.data[i * q + start + j] = square * cross.data[i * white.columns + j]!;
    }
  }
  return result;
}
