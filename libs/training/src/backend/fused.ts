// Pieces of the differentiable operations: each runs as one kernel where the active backend has it, otherwise as the ordinary
// operations that define it. Nothing here is recorded for differentiation on its own; ops.ts pairs forward and backward.
import * as tf from "@tensorflow/tfjs-core";

/** Names under which a backend may register fused kernels. Inputs and attributes are those of the functions below. */
export const fusedKernels = {
  columnSums: "SuperbatchColumnSums",
  reluGradient: "SuperbatchReluGradient",
  globalAverage: "SuperbatchGlobalAverage",
  globalAverageGradient: "SuperbatchGlobalAverageGradient",
  batchMoments: "SuperbatchBatchMoments",
  batchNormApply: "SuperbatchBatchNormApply",
  batchNormGradient: "SuperbatchBatchNormGradient",
  crossEntropy: "SuperbatchCrossEntropy",
  crossEntropyGradient: "SuperbatchCrossEntropyGradient",
  momentumUpdate: "SuperbatchMomentumUpdate",
} as const;

type Attributes = Record<string, number | boolean | number[]>;

/** Runs the fused kernel on the active backend, or answers undefined where there is none. */
function run(kernel: keyof typeof fusedKernels, inputs: Record<string, tf.Tensor>, attributes: Attributes = {}) {
  const name = fusedKernels[kernel];
  if (tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  const outputs = tf.engine().runKernel(name, inputs, attributes) as tf.Tensor | tf.Tensor[];
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** All axes of `x` but the last. */
function leadingAxes(x: tf.Tensor): number[] {
  return x.shape.slice(0, -1).map((_, axis) => axis);
}

/** Sums over all axes but the last. @param x - ... × c. @returns c values. */
export function columnSums(x: tf.Tensor): tf.Tensor1D {
  return (run("columnSums", { x })?.[0] ?? tf.sum(x, leadingAxes(x))) as tf.Tensor1D;
}

/** dy where the output `y` of a ReLU is positive, else 0. */
export function reluGradient(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
  return run("reluGradient", { dy, y })?.[0] ?? tf.mul(dy, tf.step(y));
}

/** Mean over rows and columns. @param x - n × h × w × c. @returns n × c. */
export function globalAverage(x: tf.Tensor4D): tf.Tensor2D {
  return (run("globalAverage", { x })?.[0] ?? tf.mean(x, [1, 2])) as tf.Tensor2D;
}

/** Spreads dy / (h · w) over rows and columns. @param dy - n × c. @param shape - n, h, w, c. */
export function globalAverageGradient(dy: tf.Tensor2D, shape: [number, number, number, number]): tf.Tensor4D {
  const [n, h, w, c] = shape;
  const fused = run("globalAverageGradient", { dy }, { shape });
  if (fused !== undefined) return fused[0] as tf.Tensor4D;
  return tf.tile(tf.reshape(tf.div(dy, h * w), [n, 1, 1, c]), [1, h, w, 1]);
}

/** Mean and biased variance over all axes but the last. @param x - ... × c. @returns c values each. */
export function batchMoments(x: tf.Tensor): [mean: tf.Tensor1D, variance: tf.Tensor1D] {
  const fused = run("batchMoments", { x });
  if (fused !== undefined) return fused as [tf.Tensor1D, tf.Tensor1D];
  const { mean, variance } = tf.moments(x, leadingAxes(x));
  return [mean as tf.Tensor1D, variance as tf.Tensor1D];
}

/** What batch normalization works on: x is ... × c, the others c values each. */
export interface BatchNormInputs {
  readonly x: tf.Tensor;
  readonly gamma: tf.Tensor;
  readonly beta: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** gamma · (x − mean) / √(variance + epsilon) + beta, with `rectify` at least 0. */
export function batchNormApply(inputs: BatchNormInputs, epsilon: number, rectify: boolean): tf.Tensor {
  const fused = run("batchNormApply", { ...inputs }, { epsilon, rectify });
  if (fused !== undefined) return fused[0];
  const { x, gamma, beta, mean, variance } = inputs;
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(tf.sub(x, mean), scale), beta);
  return rectify ? tf.relu(y) : y;
}

/**
 * Gradients of batch normalization with respect to x, gamma and beta; with `training`, mean and variance are functions of x
 * (Ioffe and Szegedy 2015, section 3), otherwise constants.
 */
export function batchNormGradient(
  dy: tf.Tensor,
  inputs: BatchNormInputs,
  epsilon: number,
  rectify: boolean,
  training: boolean,
): tf.Tensor[] {
  const fused = run("batchNormGradient", { dy, ...inputs }, { epsilon, rectify, training });
  if (fused !== undefined) return fused;
  const { x, gamma, mean, variance } = inputs;
  const axes = leadingAxes(x);
  const d = rectify ? tf.mul(dy, tf.step(batchNormApply(inputs, epsilon, false))) : dy;
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  const normalized = tf.mul(tf.sub(x, mean), inverse);
  const dGamma = tf.sum(tf.mul(d, normalized), axes);
  const dBeta = tf.sum(d, axes);
  const scale = tf.mul(gamma, inverse);
  if (!training) return [tf.mul(d, scale), dGamma, dBeta];
  const count = x.size / gamma.size;
  const centered = tf.sub(d, tf.div(tf.add(dBeta, tf.mul(normalized, dGamma)), count));
  return [tf.mul(centered, scale), dGamma, dBeta];
}

/** Cross entropies in nats (n values), and the softmax of the logits (n × c). */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): [tf.Tensor1D, tf.Tensor2D] {
  const fused = run("crossEntropy", { logits, labels });
  if (fused !== undefined) return fused as [tf.Tensor1D, tf.Tensor2D];
  const logarithms = tf.logSoftmax(logits);
  return [tf.neg(tf.sum(tf.mul(logarithms, labels), 1)), tf.exp(logarithms)];
}

/** dy · (probabilities − labels), row by row: the labels' rows sum to one. */
export function crossEntropyGradient(dy: tf.Tensor1D, probabilities: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor2D {
  const fused = run("crossEntropyGradient", { dy, probabilities, labels });
  if (fused !== undefined) return fused[0] as tf.Tensor2D;
  return tf.mul(tf.sub(probabilities, labels), tf.expandDims(dy, 1));
}

export interface MomentumUpdate {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/** Gives value and velocity their next values: see `momentumStep` in ops.ts. */
export function momentumUpdate(
  value: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  update: MomentumUpdate,
): void {
  tf.tidy(() => {
    const [next, speed] = momentumValues(value, velocity, gradient, update);
    value.assign(next);
    velocity.assign(speed);
  });
}

function momentumValues(value: tf.Tensor, velocity: tf.Tensor, gradient: tf.Tensor, update: MomentumUpdate) {
  const fused = run("momentumUpdate", { value, velocity, gradient }, { ...update });
  if (fused !== undefined) return fused;
  const decayed = tf.add(gradient, tf.mul(value, update.weightDecay));
  const speed = tf.add(tf.mul(velocity, update.momentum), decayed);
  const direction = update.nesterov ? tf.add(decayed, tf.mul(speed, update.momentum)) : speed;
  return [tf.sub(value, tf.mul(direction, update.learningRate)), speed];
}
