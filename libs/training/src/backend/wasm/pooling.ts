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

function sizes(info: tf.backend_util.Conv2DInfo) {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, strideHeight, padInfo } = info;
  const { top, left } = padInfo;
  return [
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    filterHeight,
    strideHeight,
    top,
    left,
  ] as const;
}

export const maxPool: Implementation = (kernels, backend, { x }, attributes) => {
  const info = poolInfo(x.shape, attributes);
  if (info === undefined) return undefined;
  const y = backend.makeOutput(info.outShape, "float32");
  kernels.maxPool(addressOf(backend, x), addressOf(backend, y), ...sizes(info));
  return y;
};

export const maxPoolGradient: Implementation = (kernels, backend, inputs, attributes) => {
  const { dy, input: x, output: y } = inputs;
  const info = poolInfo(x.shape, attributes);
  if (info === undefined) return undefined;
  const dx = backend.makeOutput(x.shape, "float32");
  const [ax, ay, ady, adx] = [x, y, dy, dx].map((tensor) => addressOf(backend, tensor));
  kernels.maxPoolGradient(ax, ay, ady, adx, ...sizes(info));
  return dx;
};
