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
 * Batch norm; in training its moving statistics are updated as a side effect. An importance-sampled batch counts there as it is, as in the published implementation:
 * what is evaluated is then normalized as it was in training. Statistics weighted as the gradient is were tried: noisier, and errors were 1.5 points higher
 * at equal steps (docs/evidence.md).
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
    ops.movingAverage(movingMean, result.batchMean);
    ops.movingAverage(movingVariance, result.batchVariance);
  }
  return result.output;
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
