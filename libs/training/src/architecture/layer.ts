// Layers as functions of named parameters: what ParameterBuilder declares under a name is applied here under the same name.
import * as tf from "@tensorflow/tfjs-core";
import * as ops from "../backend/ops.ts";
import type { ForwardMode } from "./architecture.ts";
import type { Parameters } from "./parameters.ts";

/** Convolution without bias, zero-padded to keep ceil(size / stride) rows and columns. */
export function convolve(parameters: Parameters, name: string, x: tf.Tensor4D, stride = 1): tf.Tensor4D {
  return ops.conv2d(x, parameters.get(name) as unknown as tf.Tensor4D, stride);
}

/** x · weights + bias. */
export function dense(parameters: Parameters, name: string, x: tf.Tensor2D): tf.Tensor2D {
  const weights = parameters.get(`${name}/weights`) as unknown as tf.Tensor2D;
  return ops.dense(x, weights, parameters.get(`${name}/bias`) as unknown as tf.Tensor1D);
}

/**
 * Batch norm; in training its moving statistics are updated as a side effect. An importance-sampled batch is normalized by its own statistics, but what it adds
 * to the moving ones is weighted: unweighted, they would be those of hard examples, and evaluation and scoring would suffer from it (the published
 * implementation leaves that so).
 */
export function normalize<T extends tf.Tensor>(parameters: Parameters, name: string, x: T, mode: ForwardMode): T {
  const movingMean = parameters.get(`${name}/mean`);
  const movingVariance = parameters.get(`${name}/variance`);
  const result = ops.batchNorm(
    x,
    parameters.get(`${name}/scale`) as unknown as tf.Tensor1D,
    parameters.get(`${name}/shift`) as unknown as tf.Tensor1D,
    {
      training: mode.training,
      movingMean: movingMean as unknown as tf.Tensor1D,
      movingVariance: movingVariance as unknown as tf.Tensor1D,
    },
  );
  if (mode.training) {
    const { weights } = mode;
    tf.tidy(() => {
      const [mean, variance] = weights ? weightedMoments(x, weights) : [result.batchMean, result.batchVariance];
      ops.movingAverage(movingMean, mean);
      ops.movingAverage(movingVariance, variance);
    });
  }
  return result.output;
}

/** Mean and variance per channel of the distribution that n weighted examples stand for. @param x - n × … × c. */
function weightedMoments(x: tf.Tensor, weights: tf.Tensor1D): [mean: tf.Tensor, variance: tf.Tensor] {
  const shares = tf.reshape(tf.div(weights, tf.sum(weights)), [1, -1]);
  const perExample = (values: tf.Tensor) => (values.rank === 4 ? ops.globalAveragePool(values as tf.Tensor4D) : values);
  const average = (values: tf.Tensor) => tf.reshape(tf.matMul(shares, perExample(values) as tf.Tensor2D), [-1]);
  const mean = average(x);
  // Rounding must not make it negative.
  const variance = tf.relu(tf.sub(average(tf.square(x)), tf.square(mean)));
  return [mean, variance];
}

/** Convolution, batch norm `name/norm`, ReLU. */
export function convolveNormalizeRelu(
  parameters: Parameters,
  name: string,
  x: tf.Tensor4D,
  mode: ForwardMode,
  stride = 1,
): tf.Tensor4D {
  return ops.relu(normalize(parameters, `${name}/norm`, convolve(parameters, name, x, stride), mode));
}

/** Sets a share of the values to zero and divides the rest by what remains [Srivastava et al. 2014]. Only in training. */
export function dropout<T extends tf.Tensor>(x: T, mode: ForwardMode): T {
  if (!mode.training || mode.dropout === 0) return x;
  const { dropout: share, rng } = mode;
  const kept = 1 / (1 - share);
  const threshold = share * 4294967296;
  const mask = Float32Array.from({ length: x.size }, () => (rng.uint32() < threshold ? 0 : kept));
  return tf.mul(x, tf.tensor(mask, x.shape)) as T;
}
