// Max pooling and its gradient for the wasm backend.
import * as tf from "@tensorflow/tfjs-core";
import { addressOf } from "./memory.ts";
import type { Implementation } from "./register.ts";

type Shape4 = [number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computePool2DInfo>[4];

/** Sizes and padding, or undefined for windows that are not square. */
function poolInfo(shape: unknown, attributes: Record<string, unknown>) {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const info = tf.backend_util.computePool2DInfo(
    shape as Shape4,
    filterSize as number | [number, number],
    strides as number | [number, number],
    1,
    pad as Pad,
    dimRoundingMode as "floor" | "round" | "ceil" | undefined,
  );
  return info.filterHeight === info.filterWidth && info.strideHeight === info.strideWidth ? info : undefined;
}

type Info = tf.backend_util.Conv2DInfo;

/** The arguments of the kernels from the number of images on. */
function sizes(info: Info, images: number) {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, strideHeight, padInfo } = info;
  const { top, left } = padInfo;
  return [images, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, strideHeight, top, left] as const;
}

const inBytes = (info: Info): number => info.inHeight * info.inWidth * info.inChannels * 4;
const outBytes = (info: Info): number => info.outHeight * info.outWidth * info.inChannels * 4;

export const maxPool: Implementation = (team, backend, { x }, attributes) => {
  const info = poolInfo(x.shape, attributes);
  if (info === undefined) return undefined;
  const y = backend.makeOutput(info.outShape, "float32");
  const [ax, ay] = [x, y].map((tensor) => addressOf(backend, tensor));
  const [from, to] = [inBytes(info), outBytes(info)];
  const parts = team.parts(info.batchSize, info.batchSize * from);
  team.run(parts, info.batchSize, (kernels, first, last) => {
    kernels.maxPool(ax + first * from, ay + first * to, ...sizes(info, last - first));
  });
  return y;
};

export const maxPoolGradient: Implementation = (team, backend, inputs, attributes) => {
  const { dy, input: x, output: y } = inputs;
  const info = poolInfo(x.shape, attributes);
  if (info === undefined) return undefined;
  const dx = backend.makeOutput(x.shape, "float32");
  const [ax, ay, ady, adx] = [x, y, dy, dx].map((tensor) => addressOf(backend, tensor));
  const [from, to] = [inBytes(info), outBytes(info)];
  const parts = team.parts(info.batchSize, info.batchSize * from);
  team.run(parts, info.batchSize, (kernels, first, last) => {
    const [f, t] = [first * from, first * to];
    kernels.maxPoolGradient(ax + f, ay + t, ady + t, adx + f, ...sizes(info, last - first));
  });
  return dx;
};
