import * as tf from "@tensorflow/tfjs-core";
import type { Parameters, TrainableParameter } from "../architecture/parameters.ts";
import { momentumStep } from "../backend/ops.ts";

/** Turns gradients into changes of the parameters. Owns its state (velocities, moments). */
export interface Optimizer {
  /**
   * One step, in place.
   *
   * @param gradients - by the variables' TensorFlow.js names; not disposed.
   * @param learningRate - of this step.
   */
  apply(gradients: tf.NamedTensorMap, learningRate: number): void;
  /** The state by name, in a fixed order: what a checkpoint holds besides the parameters. */
  entries(): Iterable<readonly [name: string, value: tf.Variable]>;
  /** Steps made so far; a checkpoint sets it. */
  steps: number;
  /** Frees the state's memory. Safe to repeat. */
  dispose(): void;
}

export interface OptimizerOptions {
  readonly kind: "sgd" | "nesterov" | "adam";
  /** SGD: share of the velocity that is kept; Adam: β₁. In [0, 1). */
  readonly momentum: number;
  /**
   * Each step shrinks filters and matrices by learning rate · weight decay. For SGD that is the L2 penalty, for Adam its decoupled form [Loshchilov & Hutter 2019]:
   * the number means the same for all optimizers.
   */
  readonly weightDecay: number;
}

/** Creates an optimizer with zero state for a model's parameters. */
export function createOptimizer(parameters: Parameters, options: OptimizerOptions): Optimizer {
  return options.kind === "adam" ? createAdam(parameters, options) : createSgd(parameters, options);
}

function createSgd(parameters: Parameters, { kind, momentum, weightDecay }: OptimizerOptions): Optimizer {
  const velocities = zeroState(parameters, "velocity");
  return {
    steps: 0,
    apply(gradients, learningRate) {
      this.steps++;
      for (const [i, { value, decays }] of parameters.trainable.entries()) {
        momentumStep(value, velocities[i][1], gradients[value.name], {
          learningRate,
          momentum,
          weightDecay: decays ? weightDecay : 0,
          nesterov: kind === "nesterov",
        });
      }
    },
    entries: () => velocities,
    dispose: () => disposeState(velocities),
  };
}

const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Adam [Kingma & Ba 2015, algorithm 1] with decoupled weight decay; β₂ = 0.999, ε = 1e-8. */
function createAdam(parameters: Parameters, { momentum: beta1, weightDecay }: OptimizerOptions): Optimizer {
  const first = zeroState(parameters, "first_moment");
  const second = zeroState(parameters, "second_moment");
  return {
    steps: 0,
    apply(gradients, learningRate) {
      this.steps++;
      const correction1 = 1 - beta1 ** this.steps;
      const correction2 = 1 - BETA2 ** this.steps;
      for (const [i, { value, decays }] of parameters.trainable.entries()) {
        tf.tidy(() => {
          const gradient = gradients[value.name];
          const [m, v] = [first[i][1], second[i][1]];
          m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
          v.assign(tf.add(tf.mul(v, BETA2), tf.mul(tf.square(gradient), 1 - BETA2)));
          const scale = tf.add(tf.sqrt(tf.div(v, correction2)), EPSILON);
          const kept = decays ? tf.mul(value, 1 - learningRate * weightDecay) : value;
          value.assign(tf.sub(kept, tf.mul(tf.div(m, scale), learningRate / correction1)));
        });
      }
    },
    entries: () => [...first, ...second],
    dispose: () => disposeState([...first, ...second]),
  };
}

type State = readonly (readonly [name: string, value: tf.Variable])[];

function zeroState(parameters: Parameters, kind: string): State {
  return parameters.trainable.map(({ name, value }: TrainableParameter) => {
    return [`${name}/${kind}`, tf.tidy(() => tf.variable(tf.zeros(value.shape), false))] as const;
  });
}

function disposeState(state: State): void {
  for (const [, value] of state) if (!value.isDisposed) value.dispose();
}
