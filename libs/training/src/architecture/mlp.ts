import * as tf from "@tensorflow/tfjs-core";
import * as ops from "../backend/ops.ts";
import { inputSize } from "../dataset/dataset.ts";
import { type Architecture, scaledChannels } from "./architecture.ts";
import { dense, dropout } from "./layer.ts";

const HIDDEN = [128, 128];

/** A multilayer perceptron: two hidden layers of 128 · width ReLUs, dropout behind each. */
export const mlp: Architecture = {
  name: "mlp",
  init(builder, { inputShape, classes, width }) {
    let inputs = inputSize(inputShape);
    for (const [i, units] of HIDDEN.entries()) {
      const outputs = scaledChannels(units, width);
      builder.dense(`hidden${i + 1}`, inputs, outputs, 2);
      inputs = outputs;
    }
    builder.dense("logits", inputs, classes);
  },
  forward(parameters, inputs, mode) {
    let x = tf.reshape(inputs, [inputs.shape[0], -1]) as tf.Tensor2D;
    for (const i of HIDDEN.keys()) x = dropout(ops.relu(dense(parameters, `hidden${i + 1}`, x)), mode);
    return dense(parameters, "logits", x);
  },
};
