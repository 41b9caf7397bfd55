// What every backend must pass. `backendContract` registers vitest cases; run it once per backend in a file of its own.
import { createRng, type Rng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Backend } from "./backend.ts";
import * as ops from "./ops.ts";
import {
  type ConvolutionCase,
  outputSize,
  referenceBatchNorm,
  referenceConvolution,
  referenceMaxPool,
  referenceProduct,
} from "./testing/reference.ts";
import { directionalError, smallNetwork } from "./testing/small-network.ts";

/** Largest difference, relative to the largest value of the reference. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [worst, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    worst = Math.max(worst, Number.isNaN(actual[i]) ? Number.POSITIVE_INFINITY : Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return worst / (scale || 1);
}

const normals = (rng: Rng, length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());

const convolutions: ConvolutionCase[] = [
  { batch: 2, height: 8, width: 8, channels: 1, outputs: 16, size: 3, stride: 1, pad: "same" },
  { batch: 5, height: 8, width: 8, channels: 16, outputs: 32, size: 3, stride: 2, pad: "same" },
  { batch: 1, height: 32, width: 32, channels: 3, outputs: 32, size: 3, stride: 1, pad: "same" },
  { batch: 3, height: 9, width: 7, channels: 5, outputs: 10, size: 3, stride: 2, pad: "same" },
  { batch: 2, height: 8, width: 8, channels: 8, outputs: 7, size: 1, stride: 2, pad: "same" },
  { batch: 2, height: 6, width: 6, channels: 12, outputs: 24, size: 1, stride: 1, pad: "valid" },
  { batch: 3, height: 9, width: 8, channels: 17, outputs: 33, size: 5, stride: 1, pad: "valid" },
  { batch: 2, height: 11, width: 10, channels: 6, outputs: 16, size: 3, stride: 2, pad: "valid" },
  { batch: 2, height: 5, width: 5, channels: 2, outputs: 3, size: 5, stride: 3, pad: "same" },
  { batch: 40, height: 2, width: 2, channels: 4, outputs: 20, size: 3, stride: 1, pad: "same" },
  { batch: 1, height: 1, width: 1, channels: 3, outputs: 4, size: 1, stride: 1, pad: "same" },
  // Large enough to be split among threads.
  { batch: 10, height: 16, width: 16, channels: 16, outputs: 20, size: 3, stride: 1, pad: "same" },
  { batch: 10, height: 16, width: 16, channels: 16, outputs: 20, size: 3, stride: 2, pad: "same" },
];

const pools = [
  { batch: 3, height: 8, width: 8, channels: 16, size: 2, stride: 2, pad: "valid" as const },
  { batch: 2, height: 9, width: 7, channels: 5, size: 3, stride: 2, pad: "same" as const },
  { batch: 2, height: 5, width: 5, channels: 3, size: 2, stride: 1, pad: "valid" as const },
  { batch: 35, height: 16, width: 16, channels: 16, size: 2, stride: 2, pad: "valid" as const },
];

const products = [
  [1, 1, 1],
  [7, 13, 5],
  [64, 100, 10],
  [33, 40, 50],
] as const;

/**
 * Registers the contract's cases: values against float64 loops, numerical gradients, memory.
 *
 * @param open - opens the backend under test; called once, before the cases
 */
export function backendContract(name: string, open: () => Promise<Backend>): void {
  describe(`backend ${name}`, () => {
    let backend: Backend;
    let before: number;
    beforeAll(async () => {
      backend = await open();
    });
    beforeEach(() => {
      before = backend.memory().tensors;
      tf.engine().startScope();
    });
    afterEach(() => {
      tf.engine().endScope();
      expect(backend.memory().tensors, "tensors left behind").toBe(before);
    });

    it("is tfjs' active backend and can be waited for", async () => {
      expect(tf.getBackend()).toBe(backend.name);
      await backend.synchronize();
      expect(backend.memory().bytes).toBeGreaterThanOrEqual(0);
    });

    it.each(convolutions)("convolves and differentiates like float64 loops: %o", async (c) => {
      const rng = createRng("convolution");
      const [oh, ow] = [c.height, c.width].map((size) => outputSize(size, c.size, c.stride, c.pad).count);
      const xs = normals(rng, c.batch * c.height * c.width * c.channels);
      const filters = normals(rng, c.size * c.size * c.channels * c.outputs);
      const dys = normals(rng, c.batch * oh * ow * c.outputs);
      const expected = referenceConvolution(c, xs, filters, dys);
      const x = tf.tensor4d(xs, [c.batch, c.height, c.width, c.channels]);
      const filter = tf.tensor4d(filters, [c.size, c.size, c.channels, c.outputs]);
      const dy = tf.tensor4d(dys, [c.batch, oh, ow, c.outputs]);
      const f = (a: tf.Tensor, b: tf.Tensor) => ops.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, c.stride, c.pad);
      const y = f(x, filter);
      expect(y.shape).toEqual([c.batch, oh, ow, c.outputs]);
      const [dx, dFilter] = tf.grads(f)([x, filter], dy);
      expect(relativeError(await y.data(), expected.y)).toBeLessThan(2e-6);
      expect(relativeError(await dx.data(), expected.dx)).toBeLessThan(2e-6);
      // Sums over the whole batch, which a GPU adds up one by one in float32.
      expect(relativeError(await dFilter.data(), expected.dFilter)).toBeLessThan(4e-6);
    });

    it.each(pools)("pools and differentiates like loops: %o", async (c) => {
      const rng = createRng("pool");
      const [oh, ow] = [c.height, c.width].map((size) => outputSize(size, c.size, c.stride, c.pad).count);
      const xs = normals(rng, c.batch * c.height * c.width * c.channels);
      const dys = normals(rng, c.batch * oh * ow * c.channels);
      const expected = referenceMaxPool(c, xs, dys);
      const x = tf.tensor4d(xs, [c.batch, c.height, c.width, c.channels]);
      const f = (a: tf.Tensor) => ops.maxPool(a as tf.Tensor4D, c.size, c.stride, c.pad);
      expect([...(await f(x).data())]).toEqual([...expected.y]);
      const dx = tf.grad(f)(x, tf.tensor4d(dys, [c.batch, oh, ow, c.channels]));
      expect(relativeError(await dx.data(), expected.dx)).toBeLessThan(1e-6);
    });

    it("splits no gradient between equal values of a pooling window", async () => {
      const dx = tf.grad((x) => ops.maxPool(x as tf.Tensor4D))(tf.ones([1, 4, 4, 6]), tf.ones([1, 2, 2, 6]));
      expect((await tf.sum(dx).data())[0]).toBe(24);
    });

    it.each([
      [4, 6],
      [4, 16],
      [4, 3],
      [800, 20],
    ])("normalizes %i images of %i channels and differentiates like float64 loops", async (n, c) => {
      const rng = createRng("batch norm");
      const xs = normals(rng, n * 5 * 3 * c).map((value) => 3 + 2 * value);
      const [gammas, betas, dys] = [normals(rng, c), normals(rng, c), normals(rng, xs.length)];
      const expected = referenceBatchNorm(xs, gammas, betas, dys, 1e-5);
      const [gamma, beta] = [tf.tensor1d(gammas), tf.tensor1d(betas)];
      const x = tf.tensor4d(xs, [n, 5, 3, c]);
      const options = {
        training: true,
        movingMean: tf.zeros<tf.Rank.R1>([c]),
        movingVariance: tf.ones<tf.Rank.R1>([c]),
      };
      const result = ops.batchNorm(x, gamma, beta, options);
      const f = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
        ops.batchNorm(a, g as tf.Tensor1D, b as tf.Tensor1D, options).output;
      const [dx, dGamma, dBeta] = tf.grads(f)([x, gamma, beta], tf.tensor4d(dys, [n, 5, 3, c]));
      expect(relativeError(await result.output.data(), expected.y)).toBeLessThan(1e-5);
      expect(relativeError(await result.batchMean.data(), expected.mean)).toBeLessThan(1e-5);
      expect(relativeError(await result.batchVariance.data(), expected.variance)).toBeLessThan(1e-5);
      expect(relativeError(await dx.data(), expected.dx)).toBeLessThan(1e-5);
      expect(relativeError(await dGamma.data(), expected.dGamma)).toBeLessThan(1e-5);
      expect(relativeError(await dBeta.data(), expected.dBeta)).toBeLessThan(1e-5);
    });

    it("normalizes by moving statistics outside of training, as constants of the gradient", async () => {
      const movingMean = tf.tensor1d([1, 2]);
      const movingVariance = tf.tensor1d([4, 9]);
      const options = { training: false, movingMean, movingVariance, epsilon: 0 };
      const [gamma, beta] = [tf.tensor1d([2, 3]), tf.tensor1d([-1, 1])];
      const x = tf.tensor2d([3, 5, 1, -1], [2, 2]);
      const { output } = ops.batchNorm(x, gamma, beta, options);
      expect(relativeError(await output.data(), [1, 4, -1, -2])).toBeLessThan(1e-6);
      const dx = tf.grad((a) => ops.batchNorm(a, gamma, beta, options).output)(x, tf.ones([2, 2]));
      expect(relativeError(await dx.data(), [1, 1, 1, 1])).toBeLessThan(1e-6);
    });

    it("normalizes a batch by its population's statistics, and differentiates through its own", async () => {
      const rng = createRng("population");
      const x = tf.tensor3d(normals(rng, 6 * 5 * 11), [6, 5, 11]);
      const dy = tf.tensor3d(normals(rng, 6 * 5 * 11), [6, 5, 11]);
      const [gamma, beta] = [tf.tensor1d(normals(rng, 11)), tf.tensor1d(normals(rng, 11))];
      const [mean, variance] = [tf.tensor1d(normals(rng, 11)), tf.tensor1d(normals(rng, 11).map((v) => 0.5 + v * v))];
      const unused = { training: true, movingMean: mean, movingVariance: variance };
      const inOne = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
        ops.batchNorm(a, g as tf.Tensor1D, b as tf.Tensor1D, { ...unused, population: { mean, variance } }).output;
      // Ioffe 2017, algorithm 1, with r and d as constants.
      const own = tf.moments(x, [0, 1]);
      const sd = tf.sqrt(tf.add(variance, 1e-5));
      const r = tf.div(tf.sqrt(tf.add(own.variance, 1e-5)), sd);
      const d = tf.div(tf.sub(own.mean, mean), sd);
      const composed = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) => {
        const center = tf.mean(a, [0, 1]);
        const spread = tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(a, center)), [0, 1]), 1e-5));
        return tf.add(tf.mul(tf.add(tf.mul(tf.div(tf.sub(a, center), spread), r), d), g), b);
      };
      const expected = [composed(x, gamma, beta), ...tf.grads(composed)([x, gamma, beta], dy)];
      const actual = [inOne(x, gamma, beta), ...tf.grads(inOne)([x, gamma, beta], dy)];
      for (const [i, tensor] of actual.entries()) {
        expect(relativeError(await tensor.data(), await expected[i].data())).toBeLessThan(1e-5);
      }
      // By its own statistics it is batch norm.
      const population = { mean: own.mean as tf.Tensor1D, variance: own.variance as tf.Tensor1D };
      const same = (a: tf.Tensor) => ops.batchNorm(a, gamma, beta, { ...unused, population }).output;
      const plain = (a: tf.Tensor) => ops.batchNorm(a, gamma, beta, unused).output;
      expect(relativeError(await same(x).data(), await plain(x).data())).toBeLessThan(1e-5);
      const gradients = [same, plain].map((f) => tf.grad(f)(x, dy));
      expect(relativeError(await gradients[0].data(), await gradients[1].data())).toBeLessThan(1e-5);
    });

    it.each([true, false])("joins a ReLU to batch norm (training: %s)", async (training) => {
      const rng = createRng("joined");
      const x = tf.tensor3d(normals(rng, 4 * 5 * 11), [4, 5, 11]);
      const dy = tf.tensor3d(normals(rng, 4 * 5 * 11), [4, 5, 11]);
      const [gamma, beta] = [tf.tensor1d(normals(rng, 11)), tf.tensor1d(normals(rng, 11))];
      const [movingMean, movingVariance] = [tf.fill<tf.Rank.R1>([11], 0.1), tf.fill<tf.Rank.R1>([11], 2)];
      const options = { training, movingMean, movingVariance };
      const apart = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
        ops.relu(ops.batchNorm(a, g as tf.Tensor1D, b as tf.Tensor1D, options).output);
      const joined = (a: tf.Tensor, g: tf.Tensor, b: tf.Tensor) =>
        ops.batchNorm(a, g as tf.Tensor1D, b as tf.Tensor1D, { ...options, relu: true }).output;
      const expected = [apart(x, gamma, beta), ...tf.grads(apart)([x, gamma, beta], dy)];
      const actual = [joined(x, gamma, beta), ...tf.grads(joined)([x, gamma, beta], dy)];
      for (const [i, tensor] of actual.entries()) {
        expect(relativeError(await tensor.data(), await expected[i].data())).toBeLessThan(1e-5);
      }
    });

    it("updates moving averages in place", async () => {
      const moving = tf.variable(tf.tensor1d([1, 2]));
      ops.movingAverage(moving, tf.tensor1d([3, 4]), 0.75);
      expect([...(await moving.data())]).toEqual([1.5, 2.5]);
      moving.dispose();
    });

    it.each([
      [3, 5, 7],
      [50, 1000, 1],
    ])("adds, rectifies and cuts channels of %i × %i × %i images", async (n, h, w) => {
      const rng = createRng("elementwise");
      const [as, bs] = [normals(rng, n * h * w * 8), normals(rng, n * h * w * 8)];
      const [a, b] = [tf.tensor4d(as, [n, h, w, 8]), tf.tensor4d(bs, [n, h, w, 8])];
      const sum = as.map((value, i) => value + bs[i]);
      expect(relativeError(await tf.add(a, b).data(), sum)).toBe(0);
      expect(
        relativeError(
          await ops.relu(a).data(),
          as.map((value) => Math.max(value, 0)),
        ),
      ).toBe(0);
      const da = tf.grad((x) => ops.relu(x))(a, b);
      expect(
        relativeError(
          await da.data(),
          bs.map((value, i) => (as[i] > 0 ? value : 0)),
        ),
      ).toBe(0);
      for (const channels of [4, 3]) {
        const cut = as.filter((_, i) => i % 8 < channels);
        expect(relativeError(await tf.slice(a, [0, 0, 0, 0], [-1, -1, -1, channels]).data(), cut)).toBe(0);
      }
      const rest = as.filter((_, i) => i % 8 >= 4);
      expect(relativeError(await tf.slice(a, [0, 0, 0, 4], [-1, -1, -1, 4]).data(), rest)).toBe(0);
    });

    it.each(products)("multiplies matrices %i × %i × %i, transposed or not", async (m, k, n) => {
      const rng = createRng("product");
      const [as, bs] = [normals(rng, m * k), normals(rng, k * n)];
      for (const [ta, tb] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]) {
        const a = tf.tensor2d(as, ta ? [k, m] : [m, k]);
        const b = tf.tensor2d(bs, tb ? [n, k] : [k, n]);
        const product = tf.matMul(a, b, ta, tb);
        expect(product.shape).toEqual([m, n]);
        expect(relativeError(await product.data(), referenceProduct(as, bs, [m, k, n], ta, tb))).toBeLessThan(2e-6);
      }
    });

    it("computes cross entropies and their gradients, also for logits beyond the exponential's range", async () => {
      const logits = tf.tensor2d([1, 2, 3, 500, -500, 0, -1000, -1000, -1000, 0.5, 0.25, -3], [4, 3]);
      const labels = tf.tensor2d([0, 0, 1, 0, 1, 0, 1, 0, 0, 0.1, 0.2, 0.7], [4, 3]);
      const expected: number[] = [];
      const gradient: number[] = [];
      const [z, t] = [await logits.array(), await labels.array()];
      const weights = [1, 2, 3, 4];
      for (let i = 0; i < 4; i++) {
        const top = Math.max(...z[i]);
        const sum = z[i].reduce((total, value) => total + Math.exp(value - top), 0);
        expected.push(z[i].reduce((total, value, j) => total - t[i][j] * (value - top - Math.log(sum)), 0));
        gradient.push(...z[i].map((value, j) => weights[i] * (Math.exp(value - top) / sum - t[i][j])));
      }
      const losses = ops.softmaxCrossEntropy(logits, labels);
      const f = (a: tf.Tensor) => ops.softmaxCrossEntropy(a as tf.Tensor2D, labels);
      const dLogits = tf.grad(f)(logits, tf.tensor1d(weights));
      for (let i = 0; i < 4; i++) expect((await losses.data())[i]).toBeCloseTo(expected[i], 3);
      expect(relativeError(await dLogits.data(), gradient)).toBeLessThan(1e-5);
    });

    it.each([false, true])("steps with momentum and weight decay as PyTorch does (nesterov: %s)", async (nesterov) => {
      const [value, velocity] = [tf.variable(tf.tensor1d([1, -2, 3, 4, 5])), tf.variable(tf.zeros([5]))];
      const [w, v] = [Float64Array.of(1, -2, 3, 4, 5), new Float64Array(5)];
      for (let step = 1; step <= 3; step++) {
        const options = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, nesterov };
        tf.tidy(() => ops.momentumStep(value, velocity, tf.fill([5], step), options));
        for (let i = 0; i < 5; i++) {
          const g = step + 0.01 * w[i];
          v[i] = 0.9 * v[i] + g;
          w[i] -= 0.1 * (nesterov ? g + 0.9 * v[i] : v[i]);
        }
      }
      expect(relativeError(await value.data(), w)).toBeLessThan(1e-6);
      expect(relativeError(await velocity.data(), v)).toBeLessThan(1e-6);
      value.dispose();
      velocity.dispose();
    });

    it.each(["plain", "residual"] as const)("a %s network's gradients agree with finite differences", async (kind) => {
      const network = smallNetwork(kind, createRng("network"));
      for (const error of await directionalError(network, createRng("directions"))) expect(error).toBeLessThan(0.02);
      network.dispose();
    });

    it.each(["plain", "residual"] as const)("a %s network learns, without leaking a tensor", async (kind) => {
      const network = smallNetwork(kind, createRng("learning"));
      const first = await network.train(0.05);
      const tensors = backend.memory().tensors;
      let last = first;
      for (let step = 0; step < 60; step++) last = await network.train(0.05);
      expect(backend.memory().tensors).toBe(tensors);
      expect(last).toBeLessThan(0.5 * first);
      network.dispose();
    });
  });
}
