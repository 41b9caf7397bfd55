import * as tf from "@tensorflow/tfjs-core";
import * as ops from "../backend/ops.ts";
import { type Architecture, type ForwardMode, scaledChannels } from "./architecture.ts";
import { convolve, convolveNormalizeRelu, dense, dropout, normalize } from "./layer.ts";
import type { Parameters } from "./parameters.ts";

const STAGE_CHANNELS = [16, 32, 64];

/**
 * The residual network for CIFAR [He et al. 2016, "Deep Residual Learning", section 4.2]: a 3 × 3 convolution, three stages of n blocks with 16, 32 and
 * 64 channels (times width), the second and third starting with stride 2, the mean over the image, logits. Shortcuts between stages have no parameters
 * (the paper's option A: every second pixel, new channels zero). Dropout, if any, is before the logits.
 *
 * @param depth - 6n + 2: 8, 20, 32, 44, 56, 110. @throws {RangeError} for other depths.
 */
export function createResnet(depth: number): Architecture {
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new RangeError(`a residual network's depth must be 6n + 2, not ${depth}`);
  return {
    name: `resnet${depth}`,
    init(builder, { inputShape, classes, width }) {
      let inputs = inputShape[2];
      const declare = (name: string, outputs: number) => {
        builder.filter(name, 3, inputs, outputs);
        builder.batchNorm(`${name}/norm`, outputs);
        inputs = outputs;
      };
      declare("stem", scaledChannels(STAGE_CHANNELS[0], width));
      for (const { name, stage } of blockNames(blocks)) {
        const outputs = scaledChannels(STAGE_CHANNELS[stage], width);
        declare(`${name}/conv1`, outputs);
        declare(`${name}/conv2`, outputs);
      }
      builder.dense("logits", inputs, classes);
    },
    forward(parameters, inputs, mode) {
      let x = convolveNormalizeRelu(parameters, "stem", inputs, mode);
      for (const { name, stride } of blockNames(blocks)) x = residualBlock(parameters, name, x, stride, mode);
      return dense(parameters, "logits", dropout(ops.globalAveragePool(x), mode));
    },
  };
}

function* blockNames(blocks: number): Generator<{ name: string; stage: number; stride: number }> {
  for (const stage of STAGE_CHANNELS.keys()) {
    for (let block = 0; block < blocks; block++) {
      yield { name: `stage${stage + 1}/block${block + 1}`, stage, stride: stage > 0 && block === 0 ? 2 : 1 };
    }
  }
}

function residualBlock(
  parameters: Parameters,
  name: string,
  x: tf.Tensor4D,
  stride: number,
  mode: ForwardMode,
): tf.Tensor4D {
  const first = convolveNormalizeRelu(parameters, `${name}/conv1`, x, mode, stride);
  const second = normalize(parameters, `${name}/conv2/norm`, convolve(parameters, `${name}/conv2`, first), mode);
  return ops.relu(tf.add(second, shortcut(x, stride, second.shape[3])) as tf.Tensor4D);
}

/** Every stride-th pixel; channels that the input lacks are zero. */
function shortcut(x: tf.Tensor4D, stride: number, channels: number): tf.Tensor4D {
  const sampled = stride === 1 ? x : ops.maxPool(x, 1, stride, "same");
  const missing = channels - sampled.shape[3];
  return missing === 0
    ? sampled
    : tf.pad(sampled, [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, missing],
      ]);
}
