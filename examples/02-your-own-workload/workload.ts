// Three spirals in the plane, told apart by a network of one's own. A trainer that is started with `--workload` and this file can tune it.
import { createRng } from "@superbatch/random";
import {
  type Architecture,
  type Dataset,
  defineWorkload,
  layers,
  ops,
  type Split,
  scaledChannels,
} from "@superbatch/training";
import { reshape, type Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";

const classes = 3;

/** Points on three spirals with noise. Features that are not images have the shape 1 × 1 × features. */
function spirals(size: number, seed: string): Split {
  const rng = createRng(seed);
  const inputs = new Float32Array(size * 2);
  const labels = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    const radius = Math.sqrt(rng.uniform());
    labels[i] = i % classes;
    const angle = 9 * radius + (2 * Math.PI * labels[i]) / classes + 0.4 * rng.normal();
    inputs.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i);
  }
  return { size, inputs, labels };
}

const dataset: Dataset = {
  name: "spirals",
  inputShape: [1, 1, 2],
  classes,
  // Validation examples are set aside from the training split by the trainer.
  train: spirals(4000, "train"),
  test: spirals(1000, "test"),
  flippable: false,
  checksum: "spirals-1",
};

/** A multilayer perceptron whose depth is a hyperparameter of its own. */
function perceptron(hiddenLayers: number, units: number): Architecture {
  const names = Array.from({ length: hiddenLayers }, (_, i) => `hidden${i + 1}`);
  return {
    name: `perceptron${hiddenLayers}`,
    init(builder, { width }) {
      let inputs = 2;
      for (const name of names) {
        builder.dense(name, inputs, scaledChannels(units, width), 2);
        inputs = scaledChannels(units, width);
      }
      builder.dense("logits", inputs, classes);
    },
    // Logits out, no softmax: importance scores are gradients with respect to them.
    forward(parameters, inputs, mode) {
      let x = reshape(inputs, [inputs.shape[0], 2]) as Tensor2D;
      for (const name of names) x = layers.dropout(ops.relu(layers.dense(parameters, name, x)), mode);
      return layers.dense(parameters, "logits", x);
    },
  };
}

export default defineWorkload({
  name: "spirals",
  dataset,
  parameters: {
    hidden_layers: z.number().int().min(1).max(4).default(2).describe("hidden layers, 1 to 4"),
    units: z.number().int().min(4).max(128).default(32).describe("units of each hidden layer, 4 to 128"),
  },
  architecture: ({ hidden_layers, units }) => perceptron(hidden_layers, units),
  defaults: { batch_size: 64, epochs: 10 },
});
