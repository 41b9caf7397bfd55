// Small problems and backends for the tests of this folder.
import { createRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import type { Architecture } from "../architecture/architecture.ts";
import { dense } from "../architecture/layer.ts";
import type { Dataset, Split } from "../dataset/dataset.ts";
import { inputSize } from "../dataset/dataset.ts";

/**
 * Images of 4 × 4 pixels whose class is the quadrant that is bright, with noise: easy to learn.
 *
 * @param sizes - examples of the training and of the test split.
 */
export function quadrants(sizes: readonly [train: number, test: number] = [400, 100]): Dataset {
  const rng = createRng("quadrants");
  const [train, test] = sizes.map((size): Split => {
    const inputs = new Uint8Array(size * 16);
    const labels = new Uint8Array(size);
    for (let i = 0; i < size; i++) {
      labels[i] = i % 4;
      for (let pixel = 0; pixel < 16; pixel++) {
        const quadrant = 2 * Math.floor(pixel / 8) + Math.floor((pixel % 4) / 2);
        inputs[i * 16 + pixel] = (quadrant === labels[i] ? 120 : 60) + rng.integer(80);
      }
    }
    return { size, inputs, labels };
  });
  return { name: "quadrants", inputShape: [4, 4, 1], classes: 4, train, test, flippable: false, checksum: "" };
}

/** Logits that are linear in the inputs. */
export const linear: Architecture = {
  name: "linear",
  init: (builder, { inputShape, classes }) => builder.dense("logits", inputSize(inputShape), classes),
  forward: (parameters, inputs) =>
    dense(parameters, "logits", tf.reshape(inputs, [inputs.shape[0], -1]) as tf.Tensor2D),
};

/** A clock that advances by a fixed time whenever it is read. */
export function tickingClock(seconds = 0.001): () => number {
  let now = 0;
  return () => {
    now += seconds;
    return now;
  };
}
