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
 * Batch norm; in training its moving statistics are updated as a side effect. An importance-sampled batch consists of hard examples, some of them repeated: its
 * statistics are not the data's, and a network that is normalized by them fits neither. So it is normalized by those of the super-batch that it is drawn from,
 * a uniform sample, which the scoring pass has measured under the same parameters; they move the moving ones (ours; the published implementation
 * uses the batch's own. What that costs is in docs/evidence.md).
 */
export function normalize<T extends tf.Tensor>(parameters: Parameters, name: string, x: T, mode: ForwardMode): T {
  const get = (key: string) => parameters.get(`${name}/${key}`) as unknown as tf.Variable<tf.Rank.R1>;
  const moving = { mean: get("mean"), variance: get("variance") };
  const superBatch = { mean: get("superBatchMean"), variance: get("superBatchVariance") };
  const bySuperBatch = mode.training ? mode.fromSuperBatch === true : mode.superBatch === "rest";
  const measures = !mode.training && mode.superBatch === "first";
  const byItself = measures || (mode.training && !bySuperBatch);
  const fixed = bySuperBatch ? superBatch : moving;
  const result = ops.batchNorm(x, get("scale"), get("shift"), {
    training: mode.training || measures,
    movingMean: fixed.mean,
    movingVariance: fixed.variance,
    ...(mode.training && bySuperBatch && { population: superBatch }),
  });
  if (byItself) {
    ops.movingAverage(moving.mean, result.batchMean);
    ops.movingAverage(moving.variance, result.batchVariance);
  }
  if (measures) {
    superBatch.mean.assign(result.batchMean);
    superBatch.variance.assign(result.batchVariance);
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
