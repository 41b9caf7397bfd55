import type { InputShape, Split } from "./dataset.ts";
import { inputSize } from "./dataset.ts";

/** What turns a stored value v of channel k into a network's input: (v − mean[k]) / sd[k]. */
export interface Normalization {
  /** c means, in the units of the stored values. */
  readonly mean: Float64Array;
  /** c standard deviations; 1 for a channel that does not vary. */
  readonly sd: Float64Array;
}

/** Mean and standard deviation of each channel over the examples at `indices` (all, if absent) and all their pixels. */
export function channelNormalization(split: Split, shape: InputShape, indices?: Uint32Array): Normalization {
  const channels = shape[2];
  const size = inputSize(shape);
  const sum = new Float64Array(channels);
  const squares = new Float64Array(channels);
  const count = indices?.length ?? split.size;
  for (let i = 0; i < count; i++) {
    const start = (indices ? indices[i] : i) * size;
    for (let j = 0; j < size; j += channels) {
      for (let channel = 0; channel < channels; channel++) {
        const value = split.inputs[start + j + channel];
        sum[channel] += value;
        squares[channel] += value * value;
      }
    }
  }
  const perChannel = (count * size) / channels;
  const mean = sum.map((total) => total / perChannel);
  const sd = squares.map((total, k) => {
    const variance = total / perChannel - mean[k] ** 2;
    // Rounding leaves a constant channel with a variance of about 1e-16 of its squared mean.
    return variance > 1e-12 * Math.max(1, mean[k] ** 2) ? Math.sqrt(variance) : 1;
  });
  return { mean, sd };
}
