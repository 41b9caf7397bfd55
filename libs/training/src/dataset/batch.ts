import type { Rng } from "@superbatch/random";
import { type Augmentation, noAugmentation } from "./augmentation.ts";
import { type InputShape, inputSize, type Split } from "./dataset.ts";
import type { Normalization } from "./normalization.ts";

/** Writes batches of normalized examples into memory that the caller owns. */
export interface BatchReader {
  readonly inputShape: InputShape;
  /**
   * One pass over the examples: normalization, shift and mirror happen while they are copied.
   *
   * @param indices - m examples of the split, repetitions allowed.
   * @param inputs - receives m × h × w × c values; at least that long.
   * @param labels - receives m class indices; at least that long.
   * @param rng - of the augmentation; absent: the images as they are.
   */
  read(indices: ArrayLike<number>, inputs: Float32Array, labels: Int32Array, rng?: Rng): void;
}

export interface BatchReaderOptions {
  readonly split: Split;
  readonly inputShape: InputShape;
  readonly normalization: Normalization;
  /** @default none */
  readonly augmentation?: Augmentation;
}

export function createBatchReader(options: BatchReaderOptions): BatchReader {
  const { split, inputShape, normalization, augmentation = noAugmentation } = options;
  const size = inputSize(inputShape);
  const copy =
    split.inputs instanceof Uint8Array
      ? byteCopier(split.inputs, normalization)
      : floatCopier(split.inputs, normalization);
  return {
    inputShape,
    read(indices, inputs, labels, rng) {
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i];
        labels[i] = split.labels[index];
        if (rng) copyVaried(copy, index * size, inputs, i * size, inputShape, drawVariation(augmentation, rng));
        else copy(index * size, inputs, i * size, size);
      }
    },
  };
}

/** Copies and normalizes `count` values; source and target start at channel 0. */
type Copier = (source: number, target: Float32Array, start: number, count: number) => void;

/** A table look-up per value is cheaper than a conversion, a subtraction and a multiplication. */
function byteCopier(from: Uint8Array, { mean, sd }: Normalization): Copier {
  const channels = mean.length;
  const table = new Float32Array(256 * channels);
  for (let channel = 0; channel < channels; channel++) {
    for (let value = 0; value < 256; value++) table[channel * 256 + value] = (value - mean[channel]) / sd[channel];
  }
  if (channels === 3) return colorCopier(from, table);
  return (source, target, start, count) => {
    for (let i = 0; i < count; i += channels) {
      for (let channel = 0; channel < channels; channel++) {
        target[start + i + channel] = table[(channel << 8) | from[source + i + channel]];
      }
    }
  };
}

/** The usual case without the loop over channels: twice as fast. */
function colorCopier(from: Uint8Array, table: Float32Array): Copier {
  const [red, green, blue] = [0, 256, 512].map((first) => table.subarray(first, first + 256));
  return (source, target, start, count) => {
    for (let i = 0; i < count; i += 3) {
      target[start + i] = red[from[source + i]];
      target[start + i + 1] = green[from[source + i + 1]];
      target[start + i + 2] = blue[from[source + i + 2]];
    }
  };
}

function floatCopier(from: Float32Array, { mean, sd }: Normalization): Copier {
  const channels = mean.length;
  return (source, target, start, count) => {
    for (let i = 0; i < count; i += channels) {
      for (let channel = 0; channel < channels; channel++) {
        target[start + i + channel] = (from[source + i + channel] - mean[channel]) / sd[channel];
      }
    }
  };
}

interface Variation {
  /** Pixels by which the window lies below and right of the image's corner, in [−pad, pad]. */
  readonly down: number;
  readonly right: number;
  readonly mirrored: boolean;
}

function drawVariation({ pad, flipProbability }: Augmentation, rng: Rng): Variation {
  return {
    down: pad > 0 ? rng.integer(2 * pad + 1) - pad : 0,
    right: pad > 0 ? rng.integer(2 * pad + 1) - pad : 0,
    mirrored: flipProbability > 0 && rng.uniform() < flipProbability,
  };
}

function copyVaried(
  copy: Copier,
  source: number,
  target: Float32Array,
  start: number,
  [height, width, channels]: InputShape,
  { down, right, mirrored }: Variation,
): void {
  const row = width * channels;
  if (down !== 0 || right !== 0) target.fill(0, start, start + height * row);
  // Columns [left, left + columns) of the target are covered by the image.
  const left = Math.max(0, -right);
  const columns = width - Math.abs(right);
  for (let y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
    const from = source + (y + down) * row + (left + right) * channels;
    const to = start + y * row;
    copy(from, target, to + left * channels, columns * channels);
    if (mirrored) mirrorRow(target, to, width, channels);
  }
}

function mirrorRow(values: Float32Array, start: number, width: number, channels: number): void {
  for (let i = 0, j = width - 1; i < j; i++, j--) {
    for (let channel = 0; channel < channels; channel++) {
      const a = start + i * channels + channel;
      const b = start + j * channels + channel;
      const value = values[a];
      values[a] = values[b];
      values[b] = value;
    }
  }
}
