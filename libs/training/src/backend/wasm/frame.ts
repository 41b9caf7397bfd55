// Groups of zero-padded images: what the convolution and the gradient of its filter have in common.
import type * as tf from "@tensorflow/tfjs-core";

export type ConvInfo = tf.backend_util.Conv2DInfo;

/** Scratch that one group of padded images should fill at most, so that it stays in the second-level cache. */
const groupBytes = 256 * 1024;
/** Pixels that one group should have at least, so that tiles are full and calls few. */
const groupPixels = 192;

/** The next multiple. */
export const up = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** A frame into which an image is copied: zeros around it. Rows and columns in pixels. */
export interface Frame {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Images that are padded and convolved together. */
export function groupSize(batch: number, imagePixels: number, imageBytes: number): number {
  const enough = Math.ceil(groupPixels / imagePixels);
  const fits = Math.max(1, Math.floor(groupBytes / imageBytes));
  return Math.min(batch, Math.max(1, Math.min(enough, fits)));
}

/** The zero-padded input: at least as large as the image, and as the windows reach. */
export function frameOf(info: ConvInfo): Frame {
  const { top, left } = info.padInfo;
  const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
  const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
  return { top, left, height: Math.max(height, top + info.inHeight), width: Math.max(width, left + info.inWidth) };
}
