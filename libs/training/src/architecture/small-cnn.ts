import * as ops from "../backend/ops.ts";
import { type Architecture, scaledChannels } from "./architecture.ts";
import { convolveNormalizeRelu, dense, dropout } from "./layer.ts";

const CHANNELS = [32, 64, 128];

/**
 * A small convolutional network: three 3 × 3 convolutions of 32, 64 and 128 channels (times width), each with batch norm and ReLU, max pooling
 * between them, the mean over the image, dropout, logits.
 */
export const smallCnn: Architecture = {
  name: "small_cnn",
  init(builder, { inputShape, classes, width }) {
    let inputs = inputShape[2];
    for (const [i, channels] of CHANNELS.entries()) {
      const outputs = scaledChannels(channels, width);
      builder.filter(`conv${i + 1}`, 3, inputs, outputs);
      builder.batchNorm(`conv${i + 1}/norm`, outputs);
      inputs = outputs;
    }
    builder.dense("logits", inputs, classes);
  },
  forward(parameters, inputs, mode) {
    let x = inputs;
    for (const i of CHANNELS.keys()) {
      // Images of a single row or column are not pooled, so that any input shape can be mapped.
      if (i > 0 && x.shape[1] > 1 && x.shape[2] > 1) x = ops.maxPool(x);
      x = convolveNormalizeRelu(parameters, `conv${i + 1}`, x, mode);
    }
    return dense(parameters, "logits", dropout(ops.globalAveragePool(x), mode));
  },
};
