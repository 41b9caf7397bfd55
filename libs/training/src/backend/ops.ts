// The differentiable operations from which architectures are built. Each runs on every backend: with a fused kernel where the
// active backend has registered one (kernels.ts), otherwise composed of ordinary TensorFlow.js operations.
// Images are NHWC (batch × height × width × channels), filters HWIO, everything float32.
import * as tf from "@tensorflow/tfjs-core";
import {
  type BatchNormInputs,
  batchMoments,
  batchNormApply,
  batchNormGradient,
  columnSums,
  crossEntropy,
  crossEntropyGradient,
  globalAverage,
  globalAverageGradient,
  momentumUpdate,
  reluGradient,
} from "./fused.ts";

/** How a custom gradient keeps tensors for its backward pass. */
type Save = (tensors: tf.Tensor[]) => void;

/** `same` pads with zeros so that the output has ceil(size / stride) rows and columns; `valid` does not pad. */
export type Padding = "same" | "valid";

/**
 * Two-dimensional convolution (cross-correlation) without bias.
 *
 * @param x - n × h × w × c.
 * @param filter - kh × kw × c × o.
 * @param stride - rows and columns between neighboring windows. @default 1
 * @param pad - see {@link Padding}. @default "same"
 * @returns n × h' × w' × o.
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, stride = 1, pad: Padding = "same"): tf.Tensor4D {
  return tf.conv2d(x, filter, stride, pad);
}

/**
 * Adds one value per channel (the last axis) to `x`; the bias' gradient is a column sum.
 *
 * @param x - any shape with c channels last.
 * @param bias - c values.
 */
export function addBias<T extends tf.Tensor>(x: T, bias: tf.Tensor1D): T {
  return tf.customGrad((...inputs) => {
    const [input, values] = inputs as tf.Tensor[];
    const gradFunc = (dy: tf.Tensor) => [dy.clone(), columnSums(dy)];
    return { value: tf.add(input, values), gradFunc };
  })(x, bias) as T;
}

/**
 * A dense layer, x · weights + bias.
 *
 * @param x - n × i. @param weights - i × o. @param bias - o values.
 * @returns n × o.
 */
export function dense(x: tf.Tensor2D, weights: tf.Tensor2D, bias: tf.Tensor1D): tf.Tensor2D {
  return addBias(tf.matMul(x, weights), bias);
}

/**
 * max(x, 0). Its gradient needs the output only, so the input need not stay in memory.
 *
 * @param x - any shape.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  return tf.customGrad((...inputs) => {
    const [input] = inputs as tf.Tensor[];
    const save = inputs[1] as unknown as Save;
    const y = tf.relu(input);
    save([y]);
    return { value: y, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => reluGradient(dy, saved[0]) };
  })(x) as T;
}

/**
 * Largest value in each window, per channel. Where several are largest, the gradient goes to the first in row-major order.
 *
 * @param x - n × h × w × c.
 * @param size - rows and columns of a window. @default 2
 * @param stride - rows and columns between windows. @default `size`
 * @param pad - see {@link Padding}; padding never wins. @default "valid"
 */
export function maxPool(x: tf.Tensor4D, size = 2, stride = size, pad: Padding = "valid"): tf.Tensor4D {
  return tf.maxPool(x, size, stride, pad);
}

/**
 * Mean over rows and columns.
 *
 * @param x - n × h × w × c.
 * @returns n × c.
 */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return tf.customGrad((...inputs) => {
    const [input] = inputs as tf.Tensor4D[];
    const shape = input.shape;
    return {
      value: globalAverage(input),
      gradFunc: (dy: tf.Tensor) => globalAverageGradient(dy as tf.Tensor2D, shape),
    };
  })(x) as tf.Tensor2D;
}

export interface BatchNormOptions {
  /** True normalizes with the statistics of this batch (and differentiates through them), false with the moving ones. */
  readonly training: boolean;
  /** Per channel; read only when `training` is false. */
  readonly movingMean: tf.Tensor1D;
  /** Per channel; read only when `training` is false. */
  readonly movingVariance: tf.Tensor1D;
  /**
   * In training: normalizes with these statistics, of a batch that x is drawn from, and differentiates as batch renormalization does (Ioffe 2017, "Batch
   * renormalization", algorithm 1), through the statistics of x. Not with `relu`. @default those of x
   */
  readonly population?: { readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D } | undefined;
  /** Added to the variance before the root. @default 1e-5 */
  readonly epsilon?: number;
  /** Applies a ReLU behind the normalization, in the same sweep over memory. @default false */
  readonly relu?: boolean;
}

export interface BatchNormResult<T extends tf.Tensor> {
  /** gamma · (x − mean) / √(variance + epsilon) + beta, with `relu` at least 0; shaped as x. */
  readonly output: T;
  /** The mean that was used, per channel; no gradient flows through it. Give it to {@link movingAverage} after a training step. */
  readonly batchMean: tf.Tensor1D;
  /** The biased variance (divided by the count) that was used, per channel; no gradient flows through it. */
  readonly batchVariance: tf.Tensor1D;
}

/**
 * Batch normalization over all axes but the last (Ioffe and Szegedy 2015, algorithm 1). Pure: the caller owns the moving
 * statistics and updates them with {@link movingAverage}.
 *
 * @param x - ... × c.
 * @param gamma - scale, c values. @param beta - shift, c values.
 */
export function batchNorm<T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  options: BatchNormOptions,
): BatchNormResult<T> {
  const { training, epsilon = 1e-5, relu: rectify = false, population } = options;
  const renormalizes = training && population !== undefined;
  const [mean, variance] = renormalizes
    ? [population.mean, population.variance]
    : training
      ? batchMoments(x)
      : [options.movingMean, options.movingVariance];
  const output = tf.customGrad((...inputs) => {
    const [input, scale, shift] = inputs as tf.Tensor[];
    const save = inputs[3] as unknown as Save;
    save([input, scale, shift, mean, variance]);
    const value = batchNormApply({ x: input, gamma: scale, beta: shift, mean, variance }, epsilon, rectify);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, gamma, beta, mean, variance] = saved;
      const normalized = { x, gamma, beta, mean, variance };
      if (renormalizes) return batchRenormGradient(dy, normalized, epsilon);
      return batchNormGradient(dy, normalized, epsilon, rectify, training);
    };
    return { value, gradFunc };
  })(x, gamma, beta) as T;
  return { output, batchMean: mean, batchVariance: variance };
}

/**
 * The gradient of y = gamma · ((x − μ_B) / σ_B · r + d) + beta with r = σ_B / σ and d = (μ_B − μ) / σ as constants, μ and σ the population's: by x it is that
 * of batch norm times r.
 */
function batchRenormGradient(
  dy: tf.Tensor,
  { x, gamma, beta, mean, variance }: BatchNormInputs,
  epsilon: number,
): tf.Tensor[] {
  const [ownMean, ownVariance] = batchMoments(x);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const r = tf.mul(tf.sqrt(tf.add(ownVariance, epsilon)), inverse);
  const d = tf.mul(tf.sub(ownMean, mean), inverse);
  const own = { x, gamma: tf.mul(gamma, r), beta, mean: ownMean, variance: ownVariance };
  const [dx, products, sums] = batchNormGradient(dy, own, epsilon, false, true);
  return [dx, tf.add(tf.mul(products, r), tf.mul(sums, d)), sums];
}

/**
 * Moves a running statistic toward the batch's, in place: moving ← momentum · moving + (1 − momentum) · batch.
 *
 * @param momentum - share that is kept. @default 0.9
 */
export function movingAverage(moving: tf.Variable, batch: tf.Tensor, momentum = 0.9): void {
  tf.tidy(() => moving.assign(tf.add(tf.mul(moving, momentum), tf.mul(batch, 1 - momentum))));
}

/**
 * Cross entropy of the softmax of `logits` against `labels`, one value per example, in nats.
 *
 * @param logits - n × c. @param labels - n × c, rows that sum to one (one-hot or smoothed); no gradient flows to them.
 * @returns n values.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D {
  return tf.customGrad((...inputs) => {
    const [input] = inputs as tf.Tensor2D[];
    const save = inputs[1] as unknown as Save;
    const [losses, probabilities] = crossEntropy(input, labels);
    save([probabilities, labels]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      crossEntropyGradient(dy as tf.Tensor1D, saved[0] as tf.Tensor2D, saved[1] as tf.Tensor2D);
    return { value: losses, gradFunc };
  })(logits) as tf.Tensor1D;
}

export interface MomentumOptions {
  readonly learningRate: number;
  /** Share of the velocity that is kept, in [0, 1). @default 0.9 */
  readonly momentum?: number;
  /** L2 penalty's coefficient, added to the gradient as weightDecay · value. @default 0 */
  readonly weightDecay?: number;
  /** Nesterov's look-ahead. @default false */
  readonly nesterov?: boolean;
}

/**
 * One step of stochastic gradient descent with momentum, assigned to both variables, in PyTorch's form:
 * g ← gradient + weightDecay · value; velocity ← momentum · velocity + g;
 * value ← value − learningRate · (nesterov ? g + momentum · velocity : velocity).
 */
export function momentumStep(
  value: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  options: MomentumOptions,
): void {
  const { learningRate, momentum = 0.9, weightDecay = 0, nesterov = false } = options;
  momentumUpdate(value, velocity, gradient, { learningRate, momentum, weightDecay, nesterov });
}
