// The fused kernels that ops.ts asks for, on the wasm backend.
import * as tf from "@tensorflow/tfjs-core";
import type { fusedKernels } from "../fused.ts";
import { addressOf } from "./memory.ts";
import type { Implementation } from "./register.ts";

const size = (tensor: tf.TensorInfo): number => tf.util.sizeFromShape(tensor.shape);
const channels = (tensor: tf.TensorInfo): number => tensor.shape[tensor.shape.length - 1];

const columnSums: Implementation = (kernels, backend, { x }) => {
  const c = channels(x);
  const out = backend.makeOutput([c], "float32");
  kernels.columnSums(addressOf(backend, x), addressOf(backend, out), size(x) / c, c);
  return out;
};

const reluGradient: Implementation = (kernels, backend, { dy, y }) => {
  const dx = backend.makeOutput(y.shape, "float32");
  kernels.reluGradient(addressOf(backend, dy), addressOf(backend, y), addressOf(backend, dx), size(y));
  return dx;
};

const globalAverage: Implementation = (kernels, backend, { x }) => {
  const [n, h, w, c] = x.shape;
  const y = backend.makeOutput([n, c], "float32");
  kernels.globalAverage(addressOf(backend, x), addressOf(backend, y), n, h * w, c);
  return y;
};

const globalAverageGradient: Implementation = (kernels, backend, { dy }, { shape }) => {
  const [n, h, w, c] = shape as number[];
  const dx = backend.makeOutput([n, h, w, c], "float32");
  kernels.globalAverageGradient(addressOf(backend, dy), addressOf(backend, dx), n, h * w, c);
  return dx;
};

const momentumUpdate: Implementation = (kernels, backend, { value, velocity, gradient }, attributes) => {
  const { learningRate, momentum, weightDecay, nesterov } = attributes;
  const [w, v, g] = [value, velocity, gradient].map((tensor) => addressOf(backend, tensor));
  const [rate, keep, decay] = [learningRate, momentum, weightDecay].map(Number);
  kernels.momentumUpdate(w, v, g, size(value), rate, keep, decay, nesterov === true);
  return [];
};

/** By the names of fused.ts one folder up. */
export const fusedImplementations: Partial<Record<keyof typeof fusedKernels, Implementation>> = {
  columnSums,
  reluGradient,
  globalAverage,
  globalAverageGradient,
  momentumUpdate,
};
