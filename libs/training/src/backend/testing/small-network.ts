// Two networks that use every operation, small enough for finite differences.
import type { Rng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import * as ops from "../ops.ts";

export interface SmallNetwork {
  readonly variables: readonly tf.Variable[];
  /** Mean cross entropy over the network's fixed examples. */
  loss(): tf.Scalar;
  /** One step of gradient descent with momentum. @returns the loss before it. */
  train(learningRate: number): Promise<number>;
  dispose(): void;
}

const examples = 12;
const classes = 4;

const random = (rng: Rng, shape: number[], scale: number): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => scale * rng.normal()),
    shape,
  );

/**
 * `plain`: convolution + bias, ReLU, max pooling, dense layers. `residual`: batch norm, a strided block with a projection,
 * addition, global average.
 */
export function smallNetwork(kind: "plain" | "residual", rng: Rng): SmallNetwork {
  const variables: tf.Variable[] = [];
  const make = <R extends tf.Rank>(shape: tf.ShapeMap[R], scale: number, offset = 0): tf.Variable<R> => {
    const variable = tf.tidy(() => tf.variable(tf.add(random(rng, shape, scale), offset)));
    variables.push(variable);
    return variable as tf.Variable<R>;
  };
  const images = tf.keep(random(rng, [examples, 8, 8, 3], 1)) as tf.Tensor4D;
  const targets = Array.from({ length: examples }, (_, i) => i % classes);
  const labels = tf.keep(tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(targets, "int32"), classes), "float32")));
  const stem = make<tf.Rank.R4>([3, 3, 3, 8], 0.3);
  const stemBias = make<tf.Rank.R1>([8], 0.1);
  const second = make<tf.Rank.R4>([3, 3, 8, 18], 0.2);
  const head = make<tf.Rank.R2>(kind === "plain" ? [4 * 4 * 18, classes] : [18, classes], 0.2);
  const headBias = make<tf.Rank.R1>([classes], 0.1);
  const projection = kind === "residual" ? make<tf.Rank.R4>([1, 1, 8, 18], 0.3) : undefined;
  const gamma = kind === "residual" ? make<tf.Rank.R1>([18], 0.1, 1) : undefined;

  const plain = () => {
    const hidden = ops.maxPool(ops.relu(ops.addBias(ops.conv2d(images, stem), stemBias)));
    const features = ops.relu(ops.conv2d(hidden, second));
    return ops.dense(tf.reshape(features, [examples, 4 * 4 * 18]), head, headBias);
  };
  const residual = (shortcut: tf.Tensor4D, scale: tf.Tensor1D) => {
    const statistics = {
      training: true,
      movingMean: tf.zeros<tf.Rank.R1>([18]),
      movingVariance: tf.ones<tf.Rank.R1>([18]),
    };
    const hidden = ops.relu(ops.addBias(ops.conv2d(images, stem), stemBias));
    const { output } = ops.batchNorm(ops.conv2d(hidden, second, 2), scale, tf.zeros<tf.Rank.R1>([18]), statistics);
    const sum = tf.add(output, ops.conv2d(hidden, shortcut, 2)) as tf.Tensor4D;
    return ops.dense(ops.globalAveragePool(ops.relu(sum)), head, headBias);
  };
  const loss = () => {
    const logits = projection && gamma ? residual(projection, gamma) : plain();
    return tf.mean(ops.softmaxCrossEntropy(logits, labels as tf.Tensor2D)) as tf.Scalar;
  };

  const velocities = variables.map((variable) => tf.tidy(() => tf.variable(tf.zerosLike(variable))));
  const train = (learningRate: number) =>
    readScalar(() => {
      const { value, grads } = tf.variableGrads(loss, [...variables]);
      variables.forEach((variable, i) => {
        ops.momentumStep(variable, velocities[i], grads[variable.name], { learningRate, momentum: 0.9 });
      });
      return value;
    });
  const dispose = () => {
    for (const tensor of [...variables, ...velocities, images, labels]) tensor.dispose();
  };
  return { variables, loss, train, dispose };
}

/**
 * For each variable, the relative difference between gradient · direction and the central difference of the loss along a random
 * direction. Float32 and the kinks of ReLU and pooling leave about a percent.
 */
export async function directionalError(network: SmallNetwork, rng: Rng): Promise<number[]> {
  const { grads } = tf.variableGrads(network.loss, [...network.variables]);
  const errors: number[] = [];
  for (const variable of network.variables) {
    const gradient = grads[variable.name];
    const direction = random(rng, variable.shape, 1);
    const slope = await readScalar(() => tf.sum(tf.mul(gradient, direction)));
    const step = 2e-3 / (await readScalar(() => tf.norm(direction)));
    const start = tf.clone(variable);
    const lossAt = (distance: number) => {
      variable.assign(tf.add(start, tf.mul(direction, distance)));
      return readScalar(network.loss);
    };
    const difference = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step);
    variable.assign(start);
    const typical = await readScalar(() => tf.norm(gradient));
    errors.push(Math.abs(difference - slope) / Math.max(Math.abs(slope), typical));
  }
  return errors;
}

/** Computes a scalar, frees what that needed, and reads it; asynchronously, since not every backend can wait. */
async function readScalar(compute: () => tf.Tensor): Promise<number> {
  const scalar = tf.tidy(compute);
  const [value] = await scalar.data();
  scalar.dispose();
  return value;
}
