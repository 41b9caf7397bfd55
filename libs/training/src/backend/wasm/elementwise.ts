// What tfjs' wasm backend does on one thread, split among the team: sums of equal shapes, ReLU, the first channels of images.
import * as tf from "@tensorflow/tfjs-core";
import { addressOf } from "./memory.ts";
import type { Implementation } from "./register.ts";

/** Reading and writing a value, in multiplications: see Team.parts. */
const perValue = 4;

const isFloat = (tensor: tf.TensorInfo): boolean => tensor.dtype === "float32";

export const add: Implementation = (team, backend, { a, b }) => {
  if (!isFloat(a) || !isFloat(b) || !tf.util.arraysEqual(a.shape, b.shape)) return undefined;
  const out = backend.makeOutput(a.shape, "float32");
  const [aa, ab, ao] = [a, b, out].map((tensor) => addressOf(backend, tensor));
  const count = tf.util.sizeFromShape(a.shape);
  team.run(team.parts(count, count * perValue), count, (kernels, first, last) => {
    kernels.add(aa + first * 4, ab + first * 4, ao + first * 4, last - first);
  });
  return out;
};

export const relu: Implementation = (team, backend, { x }) => {
  if (!isFloat(x)) return undefined;
  const y = backend.makeOutput(x.shape, "float32");
  const [ax, ay] = [x, y].map((tensor) => addressOf(backend, tensor));
  const count = tf.util.sizeFromShape(x.shape);
  team.run(team.parts(count, count * perValue), count, (kernels, first, last) => {
    kernels.rectify(ax + first * 4, ay + first * 4, last - first);
  });
  return y;
};

/** The first channels, in fours: the gradient of appending channels of zeros. */
export const slice: Implementation = (team, backend, { x }, { begin, size }) => {
  if (!isFloat(x) || x.shape.length === 0) return undefined;
  const [from, extent] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin as number[], size as number[]);
  const axis = x.shape.length - 1;
  const channels = extent[axis];
  const leads = from.every((index) => index === 0) && extent.every((length, i) => i === axis || length === x.shape[i]);
  if (!leads || channels % 4 !== 0 || channels === 0) return undefined;
  const y = backend.makeOutput(extent, "float32");
  const [ax, ay] = [x, y].map((tensor) => addressOf(backend, tensor));
  const [pitch, bytes] = [x.shape[axis] * 4, channels * 4];
  const rows = tf.util.sizeFromShape(extent) / channels;
  team.run(team.parts(rows, rows * channels * perValue), rows, (kernels, first, last) => {
    kernels.sliceColumns(ax + first * pitch, ay + first * bytes, last - first, pitch, bytes);
  });
  return y;
};
