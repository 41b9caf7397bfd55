import { type Rng, restoreRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import type { Architecture, ForwardMode, NetworkShape } from "../architecture/architecture.ts";
import { createParameters, type Parameters } from "../architecture/parameters.ts";
import { softmaxCrossEntropy } from "../backend/ops.ts";
import { createOptimizer, type Optimizer, type OptimizerOptions } from "../optimizer/optimizer.ts";

/** m examples of a batch, in memory that may be longer and is used again. */
export interface Batch {
  readonly size: number;
  /** At least m × h × w × c values, normalized. */
  readonly inputs: Float32Array;
  /** At least m class indices. */
  readonly labels: Int32Array;
}

/** What a model has learned and drawn so far: with it another one goes on exactly where this one was. */
export interface ModelState {
  /** Parameters and the optimizer's state, by name. */
  readonly tensors: readonly { readonly name: string; readonly values: Float32Array }[];
  readonly optimizerSteps: number;
  /** State of dropout's random numbers. */
  readonly dropout: string;
}

/** A network with its parameters and its optimizer, on the active backend. */
export interface Model {
  readonly parameters: Parameters;
  readonly optimizer: Optimizer;
  /**
   * One gradient step on (1/m) Σ weight · loss. Resolves when the device is done.
   *
   * @param weights - m weights.
   * @param fromSuperBatch - the batch was drawn by importance from what {@link scoringLogits} saw last: its batch norm is then that of the super-batch. @default false
   * @returns the logits of the forward pass, m × classes.
   */
  step(batch: Batch, weights: ArrayLike<number>, learningRate: number, fromSuperBatch?: boolean): Promise<Float32Array>;
  /**
   * A forward pass without gradient over one chunk of a super-batch, batch norm by the statistics of the first chunk.
   *
   * @param first - whether it is the first chunk. @returns logits, m × classes.
   */
  scoringLogits(batch: Batch, first: boolean): Promise<Float32Array>;
  /** A forward pass without gradient, batch norm by its moving statistics. @returns logits, m × classes. */
  logits(batch: Batch): Promise<Float32Array>;
  /**
   * The exact norm of each example's gradient by all trained parameters, batch norm by its moving statistics. One backward pass per
   * example: for tests and for comparisons.
   */
  gradientNorms(batch: Batch): Promise<Float64Array>;
  /** A copy of the state. */
  state(): Promise<ModelState>;
  /** @throws {RangeError} if the state is of a model with other tensors. */
  restore(state: ModelState): void;
  dispose(): void;
}

export interface ModelOptions {
  readonly architecture: Architecture;
  readonly shape: NetworkShape;
  readonly optimizer: OptimizerOptions;
  /** In [0, 1). */
  readonly dropout: number;
  /** ε of the targets (1 − ε) onehot + ε/c, in [0, 1). */
  readonly labelSmoothing: number;
  /** Streams for initialization and dropout are forked from it. */
  readonly rng: Rng;
}

/** @throws {RangeError} if the architecture cannot map the shape. */
export function createModel(options: ModelOptions): Model {
  const { architecture, shape, dropout, labelSmoothing, rng } = options;
  const parameters = createParameters(rng.fork("init"), (builder) => architecture.init(builder, shape));
  const optimizer = createOptimizer(parameters, options.optimizer);
  let dropoutRng = rng.fork("dropout");
  const variables = parameters.trainable.map(({ value }) => value);
  const inputTensor = ({ size, inputs }: Batch): tf.Tensor4D => {
    const [height, width, channels] = shape.inputShape;
    return tf.tensor4d(inputs.subarray(0, size * height * width * channels), [size, height, width, channels]);
  };
  const targets = ({ size, labels }: Batch): tf.Tensor2D => {
    const values = new Float32Array(size * shape.classes).fill(labelSmoothing / shape.classes);
    for (let i = 0; i < size; i++) values[i * shape.classes + labels[i]] += 1 - labelSmoothing;
    return tf.tensor2d(values, [size, shape.classes]);
  };
  const forward = (batch: Batch, mode: ForwardMode) =>
    readAndDispose(tf.tidy(() => architecture.forward(parameters, inputTensor(batch), mode)));
  const tensors = () => [...parameters.entries(), ...optimizer.entries()];
  return {
    parameters,
    optimizer,
    async step(batch, weights, learningRate, fromSuperBatch = false) {
      const logits = tf.tidy(() => {
        const x = inputTensor(batch);
        const y = targets(batch);
        const w = tf.tensor1d(Float32Array.from(weights));
        const mode = { training: true, fromSuperBatch, dropout, rng: dropoutRng } as const;
        let z: tf.Tensor2D | undefined;
        const { grads } = tf.variableGrads(() => {
          z = tf.keep(architecture.forward(parameters, x, mode));
          return tf.mean(tf.mul(softmaxCrossEntropy(z, y), w)) as tf.Scalar;
        }, variables);
        optimizer.apply(grads, learningRate);
        return z!;
      });
      // The last parameter is ready when the update is: a device that works asynchronously has then done the whole step.
      await variables.at(-1)?.data();
      return readAndDispose(logits);
    },
    scoringLogits(batch, first) {
      return forward(batch, { training: false, superBatch: first ? "first" : "rest" });
    },
    logits(batch) {
      return forward(batch, { training: false });
    },
    async gradientNorms(batch) {
      const norms = new Float64Array(batch.size);
      for (let i = 0; i < batch.size; i++) {
        const squares = tf.tidy(() => {
          const x = tf.slice(inputTensor(batch), [i, 0, 0, 0], [1, -1, -1, -1]);
          const y = tf.slice(targets(batch), [i, 0], [1, -1]);
          const loss = () => tf.sum(softmaxCrossEntropy(architecture.forward(parameters, x, { training: false }), y));
          const { grads } = tf.variableGrads(loss as () => tf.Scalar, variables);
          return tf.addN(Object.values(grads).map((gradient) => tf.sum(tf.square(gradient))));
        });
        norms[i] = Math.sqrt((await readAndDispose(squares))[0]);
      }
      return norms;
    },
    async state() {
      const copies = tensors().map(async ([name, value]) => ({ name, values: Float32Array.from(await value.data()) }));
      return { tensors: await Promise.all(copies), optimizerSteps: optimizer.steps, dropout: dropoutRng.state() };
    },
    restore(state) {
      const own = tensors();
      const fits =
        own.length === state.tensors.length &&
        own.every(([name, { size }], i) => {
          return name === state.tensors[i].name && size === state.tensors[i].values.length;
        });
      if (!fits) throw new RangeError("the state is of a model with other tensors");
      for (const [i, [, value]] of own.entries()) {
        tf.tidy(() => value.assign(tf.tensor(state.tensors[i].values, value.shape)));
      }
      optimizer.steps = state.optimizerSteps;
      dropoutRng = restoreRng(state.dropout);
    },
    dispose() {
      parameters.dispose();
      optimizer.dispose();
    },
  };
}

async function readAndDispose(tensor: tf.Tensor): Promise<Float32Array> {
  try {
    return (await tensor.data()) as Float32Array;
  } finally {
    tensor.dispose();
  }
}
