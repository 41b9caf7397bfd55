import * as tf from "@tensorflow/tfjs-core";
import * as ops from "../backend/ops.ts";
import { type Architecture, type ForwardMode, scaledChannels } from "./architecture.ts";
import { convolve, dense, dropout, normalize } from "./layer.ts";
import type { Parameters } from "./parameters.ts";

const STAGE_CHANNELS = [16, 32, 64];

/**
 * The wide residual network WRN-d-k [Zagoruyko & Komodakis 2016]: three stages of (d − 4) / 6 pre-activation blocks with 16k, 32k and 64k channels (times width),
 * dropout between a block's convolutions, 1 × 1 convolutions as shortcuts where shapes change.
 *
 * @param depth - d = 6n + 4: 10, 16, 22, 28, 40. @param widening - k, at least 1. @throws {RangeError} otherwise.
 */
export function createWideResnet(depth: number, widening: number): Architecture {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1)
    throw new RangeError(`a wide residual network's depth must be 6n + 4, not ${depth}`);
  if (!Number.isInteger(widening) || widening < 1)
    throw new RangeError(`the widening factor must be a positive integer, not ${widening}`);
  return {
    name: `wrn_${depth}_${widening}`,
    init(builder, { inputShape, classes, width }) {
      let inputs = scaledChannels(STAGE_CHANNELS[0], width);
      builder.filter("stem", 3, inputShape[2], inputs);
      for (const { name, stage } of blockNames(blocks)) {
        const outputs = scaledChannels(STAGE_CHANNELS[stage] * widening, width);
        builder.batchNorm(`${name}/norm1`, inputs);
        builder.filter(`${name}/conv1`, 3, inputs, outputs);
        builder.batchNorm(`${name}/norm2`, outputs);
        builder.filter(`${name}/conv2`, 3, outputs, outputs);
        // Declared for each stage's first block even where shapes agree (k = 1), so that the parameters do not depend on a coincidence.
        if (name.endsWith("block1")) builder.filter(`${name}/shortcut`, 1, inputs, outputs);
        inputs = outputs;
      }
      builder.batchNorm("norm", inputs);
      builder.dense("logits", inputs, classes);
    },
    forward(parameters, inputs, mode) {
      let x = convolve(parameters, "stem", inputs);
      for (const { name, stride } of blockNames(blocks)) x = wideBlock(parameters, name, x, stride, mode);
      return dense(parameters, "logits", ops.globalAveragePool(ops.relu(normalize(parameters, "norm", x, mode))));
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

function wideBlock(
  parameters: Parameters,
  name: string,
  x: tf.Tensor4D,
  stride: number,
  mode: ForwardMode,
): tf.Tensor4D {
  const activated = ops.relu(normalize(parameters, `${name}/norm1`, x, mode));
  const first = convolve(parameters, `${name}/conv1`, activated, stride);
  const between = dropout(ops.relu(normalize(parameters, `${name}/norm2`, first, mode)), mode);
  const second = convolve(parameters, `${name}/conv2`, between);
  const shortcut = name.endsWith("block1") ? convolve(parameters, `${name}/shortcut`, activated, stride) : x;
  return tf.add(second, shortcut) as tf.Tensor4D;
}
