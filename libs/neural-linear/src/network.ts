import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";

/** A network of two hidden layers with tanh and a linear output. Its last hidden layer is what the Bayesian regression sees. */
export interface Network {
  /** n × (units + 1) features of n × width inputs; the last one is 1. */
  features(inputs: Matrix): Matrix;
}

export interface TrainingOptions {
  /** Units of each hidden layer. */
  readonly units: number;
  readonly steps: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Of the weights, per step, relative to the learning rate. */
  readonly weightDecay: number;
  readonly checkpoint: () => void;
}

/** Weights of a layer, (inputs + 1) × outputs: the last row holds the biases. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/**
 * Trains a network on standardized values by Adam (Kingma & Ba 2015) on the squared error.
 *
 * @param inputs - n × width, n at least 1
 */
export function trainNetwork(inputs: Matrix, y: Float64Array, options: TrainingOptions, rng: Rng): Network {
  const { units, steps, batch, checkpoint } = options;
  const layers = [createLayer(inputs.columns, units, rng), createLayer(units, units, rng), createLayer(units, 1, rng)];
  const [first, second, last] = layers as [Layer, Layer, Layer];
  const hidden = [new Float64Array(units), new Float64Array(units)] as const;
  const back = [new Float64Array(units), new Float64Array(units)] as const;
  const output = new Float64Array(1);
  const size = Math.min(batch, y.length);
  for (let step = 1; step <= steps; step++) {
    checkpoint();
    for (let k = 0; k < size; k++) {
      const i = size === y.length ? k : rng.integer(y.length);
      const row = inputs.data.subarray(i * inputs.columns, (i + 1) * inputs.columns);
      forward(first, row, hidden[0], true);
      forward(second, hidden[0], hidden[1], true);
      forward(last, hidden[1], output, false);
      backward(last, hidden[1], Float64Array.of((output[0]! - y[i]!) / size), back[1]);
      throughTanh(hidden[1], back[1]);
      backward(second, hidden[0], back[1], back[0]);
      throughTanh(hidden[0], back[0]);
      backward(first, row, back[0], undefined);
    }
    // The rate falls to nothing, so that features do not depend on the last few batches.
    const rate = options.learningRate * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    for (const layer of layers) adam(layer, rate, options.weightDecay, step);
  }
  return {
    features(at) {
      const features = createMatrix(at.rows, units + 1);
      for (let i = 0; i < at.rows; i++) {
        forward(first, at.data.subarray(i * at.columns, (i + 1) * at.columns), hidden[0], true);
        forward(second, hidden[0], features.data.subarray(i * (units + 1), i * (units + 1) + units), true);
        features.data[i * (units + 1) + units] = 1;
      }
      return features;
    },
  };
}

function createLayer(inputs: number, outputs: number, rng: Rng): Layer {
  const size = (inputs + 1) * outputs;
  const scale = 1 / Math.sqrt(inputs);
  return {
    inputs,
    outputs,
    weights: Float64Array.from({ length: size }, () => scale * rng.normal()),
    gradient: new Float64Array(size),
    first: new Float64Array(size),
    second: new Float64Array(size),
  };
}

function forward({ inputs, outputs, weights }: Layer, x: Float64Array, out: Float64Array, tanh: boolean): void {
  for (let o = 0; o < outputs; o++) out[o] = weights[inputs * outputs + o]!;
  for (let i = 0; i < inputs; i++) {
    const value = x[i]!;
    if (value === 0) continue;
    for (let o = 0; o < outputs; o++) out[o]! += value * weights[i * outputs + o]!;
  }
  if (tanh) for (let o = 0; o < outputs; o++) out[o] = Math.tanh(out[o]!);
}

/** Adds to the layer's gradient, and writes the one by its inputs to `down`. */
function backward(
  { inputs, outputs, weights, gradient }: Layer,
  x: Float64Array,
  up: Float64Array,
  down: Float64Array | undefined,
): void {
  for (let i = 0; i < inputs; i++) {
    let sum = 0;
    const value = x[i]!;
    for (let o = 0; o < outputs; o++) {
      gradient[i * outputs + o]! += value * up[o]!;
      sum += weights[i * outputs + o]! * up[o]!;
    }
    if (down) down[i] = sum;
  }
  for (let o = 0; o < outputs; o++) gradient[inputs * outputs + o]! += up[o]!;
}

function throughTanh(activation: Float64Array, gradient: Float64Array): void {
  for (let i = 0; i < gradient.length; i++) gradient[i]! *= 1 - activation[i]! ** 2;
}

function adam({ weights, gradient, first, second }: Layer, rate: number, decay: number, step: number): void {
  const [beta1, beta2] = [0.9, 0.999];
  for (let i = 0; i < weights.length; i++) {
    const slope = gradient[i]!;
    first[i] = beta1 * first[i]! + (1 - beta1) * slope;
    second[i] = beta2 * second[i]! + (1 - beta2) * slope ** 2;
    const mean = first[i]! / (1 - beta1 ** step);
    const spread = Math.sqrt(second[i]! / (1 - beta2 ** step)) + 1e-8;
    weights[i]! -= rate * (mean / spread + decay * weights[i]!);
    gradient[i] = 0;
  }
}
