// The fused kernels that ops.ts asks for, on the wasm backend.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import type { fusedKernels } from "../fused.ts";
import { batchMoments, batchNormApply, batchNormGradient } from "./batch-norm.ts";
import { addressOf, memoryOf } from "./memory.ts";
import type { Implementation } from "./register.ts";

const size = (tensor: tf.TensorInfo): number => tf.util.sizeFromShape(tensor.shape);
const channels = (tensor: tf.TensorInfo): number => tensor.shape[tensor.shape.length - 1];

const columnSums: Implementation = ({ kernels }, backend, { x }) => {
  const c = channels(x);
  const out = backend.makeOutput([c], "float32");
  kernels.columnSums(addressOf(backend, x), addressOf(backend, out), size(x) / c, c);
  return out;
};

const reluGradient: Implementation = (team, backend, { dy, y }) => {
  const dx = backend.makeOutput(y.shape, "float32");
  const [ady, ay, adx] = [dy, y, dx].map((tensor) => addressOf(backend, tensor));
  const count = size(y);
  team.run(team.parts(count, 4 * count), count, (kernels, first, last) => {
    kernels.reluGradient(ady + first * 4, ay + first * 4, adx + first * 4, last - first);
  });
  return dx;
};

const globalAverage: Implementation = ({ kernels }, backend, { x }) => {
  const [n, h, w, c] = x.shape;
  const y = backend.makeOutput([n, c], "float32");
  kernels.globalAverage(addressOf(backend, x), addressOf(backend, y), n, h * w, c);
  return y;
};

const globalAverageGradient: Implementation = ({ kernels }, backend, { dy }, { shape }) => {
  const [n, h, w, c] = shape as number[];
  const dx = backend.makeOutput([n, h, w, c], "float32");
  kernels.globalAverageGradient(addressOf(backend, dy), addressOf(backend, dx), n, h * w, c);
  return dx;
};

const floats = (backend: BackendWasm, tensor: tf.TensorInfo): Float32Array =>
  new Float32Array(memoryOf(backend).buffer, addressOf(backend, tensor), size(tensor));

// A few thousand values at most: the exponentials of JavaScript are as good as any.
const crossEntropy: Implementation = (_, backend, { logits, labels }) => {
  const [n, c] = logits.shape;
  const outputs = [backend.makeOutput([n], "float32"), backend.makeOutput([n, c], "float32")];
  const [losses, probabilities] = outputs.map((tensor) => floats(backend, tensor));
  const [z, t] = [floats(backend, logits), floats(backend, labels)];
  for (let row = 0; row < n; row++) {
    const first = row * c;
    let top = Number.NEGATIVE_INFINITY;
    for (let j = first; j < first + c; j++) top = Math.max(top, z[j]);
    let sum = 0;
    for (let j = first; j < first + c; j++) sum += Math.exp(z[j] - top);
    const logSum = Math.log(sum);
    let loss = 0;
    for (let j = first; j < first + c; j++) {
      loss -= t[j] === 0 ? 0 : t[j] * (z[j] - top - logSum);
      probabilities[j] = Math.exp(z[j] - top) / sum;
    }
    losses[row] = loss;
  }
  return outputs;
};

const crossEntropyGradient: Implementation = (_, backend, { dy, probabilities, labels }) => {
  const [n, c] = probabilities.shape;
  const output = backend.makeOutput([n, c], "float32");
  const [g, p, t, out] = [dy, probabilities, labels, output].map((tensor) => floats(backend, tensor));
  for (let i = 0; i < out.length; i++) out[i] = g[Math.floor(i / c)] * (p[i] - t[i]);
  return output;
};

const momentumUpdate: Implementation = ({ kernels }, backend, { value, velocity, gradient }, attributes) => {
  const { learningRate, momentum, weightDecay, nesterov } = attributes;
  const outputs = [backend.makeOutput(value.shape, "float32"), backend.makeOutput(value.shape, "float32")];
  const [w, v, g] = [value, velocity, gradient].map((tensor) => addressOf(backend, tensor));
  const [nextW, nextV] = outputs.map((tensor) => addressOf(backend, tensor));
  const [rate, keep, decay] = [learningRate, momentum, weightDecay].map(Number);
  kernels.momentumUpdate(w, v, g, nextW, nextV, size(value), rate, keep, decay, nesterov === true);
  return outputs;
};

/** By the names of fused.ts one folder up. */
export const fusedImplementations: Partial<Record<keyof typeof fusedKernels, Implementation>> = {
  columnSums,
  reluGradient,
  globalAverage,
  globalAverageGradient,
  batchMoments,
  batchNormApply,
  batchNormGradient,
  crossEntropy,
  crossEntropyGradient,
  momentumUpdate,
};
