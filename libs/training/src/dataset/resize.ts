import { ParameterError } from "../configuration.ts";
import type { Dataset, InputShape, Split } from "./dataset.ts";
import { inputSize } from "./dataset.ts";

/**
 * The same data with images of `side` × `side` pixels: each new pixel is the mean of the area that it covers. A fidelity: a smaller image costs
 * less in every convolution. Labels are shared with the original. Computed once per resolution.
 *
 * @param side - pixels, from 1 to the image's height. @throws {ParameterError} otherwise, or if the images are not square.
 */
export function resizeDataset(dataset: Dataset, side: number): Dataset {
  const [height, width, channels] = dataset.inputShape;
  const refuse = (message: string) => new ParameterError([{ parameter: "resolution", message }]);
  if (height !== width) throw refuse(`${dataset.name} has no square images (${height} × ${width})`);
  if (!Number.isInteger(side) || side < 1 || side > height) {
    throw refuse(`must be an integer from 1 to ${height} pixels for ${dataset.name}, not ${side}`);
  }
  if (side === height) return dataset;
  const known = resized.get(dataset) ?? new Map<number, Dataset>();
  resized.set(dataset, known);
  const result = known.get(side) ?? {
    ...dataset,
    inputShape: [side, side, channels] satisfies InputShape,
    train: resizeSplit(dataset.train, dataset.inputShape, side),
    test: resizeSplit(dataset.test, dataset.inputShape, side),
  };
  known.set(side, result);
  return result;
}

/** Trials at few resolutions share their data; what was computed lives as long as the data set itself. */
const resized = new WeakMap<Dataset, Map<number, Dataset>>();

function resizeSplit(split: Split, shape: InputShape, side: number): Split {
  const [height, , channels] = shape;
  const weights = areaWeights(height, side);
  const from = inputSize(shape);
  const to = side * side * channels;
  const integer = split.inputs instanceof Uint8Array;
  const inputs = integer ? new Uint8Array(split.size * to) : new Float32Array(split.size * to);
  for (let i = 0; i < split.size; i++) {
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        for (let channel = 0; channel < channels; channel++) {
          let value = 0;
          for (const { position: sy, weight: wy } of weights[y]) {
            for (const { position: sx, weight: wx } of weights[x]) {
              value += wy * wx * split.inputs[i * from + (sy * height + sx) * channels + channel];
            }
          }
          inputs[i * to + (y * side + x) * channels + channel] = integer ? Math.round(value) : value;
        }
      }
    }
  }
  return { ...split, inputs };
}

/** For each of `to` new pixels along a side, the old pixels that it covers and their shares of its area (sum 1). */
function areaWeights(from: number, to: number): { position: number; weight: number }[][] {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [i * scale, (i + 1) * scale];
    const covered: { position: number; weight: number }[] = [];
    for (let position = Math.floor(start); position < Math.min(from, Math.ceil(end)); position++) {
      const overlap = Math.min(position + 1, end) - Math.max(position, start);
      if (overlap > 0) covered.push({ position, weight: overlap / scale });
    }
    return covered;
  });
}
