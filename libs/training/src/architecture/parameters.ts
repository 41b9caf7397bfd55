import type { Rng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";

/** One tensor that gradient steps change. */
export interface TrainableParameter {
  readonly name: string;
  readonly value: tf.Variable;
  /** Whether weight decay applies: true of filters and matrices, false of biases and of batch norm's scale and shift. */
  readonly decays: boolean;
}

/** All tensors of one model on the active backend. Must be disposed by who created it. */
export interface Parameters {
  /** In the order of declaration. */
  readonly trainable: readonly TrainableParameter[];
  /** A tensor by name, trained or tracked. @throws {RangeError} if there is none. */
  get(name: string): tf.Variable;
  /** All tensors, trained and tracked, by name and in the order of declaration: what a checkpoint holds. */
  entries(): Iterable<readonly [name: string, value: tf.Variable]>;
  /** Number of trained values. */
  readonly count: number;
  /** Frees the memory. Safe to repeat. */
  dispose(): void;
}

/** Declares a model's parameters. Names are unique; each tensor draws from a stream of its own, so that adding a layer leaves the others as they were. */
export interface ParameterBuilder {
  /**
   * A convolution's filter, size × size × inputs × outputs, from N(0, 2 / (size² · inputs)) [He et al. 2015, eq. 10].
   */
  filter(name: string, size: number, inputs: number, outputs: number): void;
  /** A dense layer: `name/weights` (inputs × outputs) from N(0, gain / inputs), `name/bias` zero. @param gain - 2 before a ReLU, 1 for logits. */
  dense(name: string, inputs: number, outputs: number, gain?: number): void;
  /** `name/scale` 1, `name/shift` 0; tracked, `name/mean` 0 and `name/variance` 1, and those of the last super-batch, `name/superBatchMean` and `name/superBatchVariance`. */
  batchNorm(name: string, channels: number): void;
  /** Any other trained tensor, with the values given. */
  tensor(name: string, shape: readonly number[], values: Float32Array, decays: boolean): void;
}

/** Creates a model's parameters: calls `declare` with a builder that draws from `rng`. */
export function createParameters(rng: Rng, declare: (builder: ParameterBuilder) => void): Parameters {
  const all = new Map<string, tf.Variable>();
  const trainable: TrainableParameter[] = [];
  const add = (name: string, shape: readonly number[], values: Float32Array, trained: boolean): tf.Variable => {
    if (all.has(name)) throw new RangeError(`two parameters are named ${name}`);
    // TensorFlow.js needs names that are unique in the process, ours are unique in the model: let it choose its own.
    const value = tf.tidy(() => tf.variable(tf.tensor(values, [...shape], "float32"), trained));
    all.set(name, value);
    return value;
  };
  const train = (name: string, shape: readonly number[], values: Float32Array, decays: boolean) => {
    trainable.push({ name, value: add(name, shape, values, true), decays });
  };
  declare({
    filter(name, size, inputs, outputs) {
      const shape = [size, size, inputs, outputs];
      train(name, shape, normal(rng.fork(name), shape, 2 / (size * size * inputs)), true);
    },
    dense(name, inputs, outputs, gain = 1) {
      const shape = [inputs, outputs];
      train(`${name}/weights`, shape, normal(rng.fork(name), shape, gain / inputs), true);
      train(`${name}/bias`, [outputs], new Float32Array(outputs), false);
    },
    batchNorm(name, channels) {
      train(`${name}/scale`, [channels], new Float32Array(channels).fill(1), false);
      train(`${name}/shift`, [channels], new Float32Array(channels), false);
      for (const [mean, variance] of [
        ["mean", "variance"],
        ["superBatchMean", "superBatchVariance"],
      ]) {
        add(`${name}/${mean}`, [channels], new Float32Array(channels), false);
        add(`${name}/${variance}`, [channels], new Float32Array(channels).fill(1), false);
      }
    },
    tensor: train,
  });
  return {
    trainable,
    get(name) {
      const value = all.get(name);
      if (!value) throw new RangeError(`no parameter is named ${name}`);
      return value;
    },
    entries: () => all.entries(),
    count: trainable.reduce((sum, { value }) => sum + value.size, 0),
    dispose() {
      for (const value of all.values()) if (!value.isDisposed) value.dispose();
    },
  };
}

function normal(rng: Rng, shape: readonly number[], variance: number): Float32Array {
  const sd = Math.sqrt(variance);
  const length = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, () => sd * rng.normal());
}
