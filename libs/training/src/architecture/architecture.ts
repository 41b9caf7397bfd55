import type { Rng } from "@superbatch/random";
import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { InputShape } from "../dataset/dataset.ts";
import type { ParameterBuilder, Parameters } from "./parameters.ts";

/** How a forward pass is to be made. */
export type ForwardMode =
  /** Moving statistics in batch norm, no dropout. The same input gives the same output, whatever else is in the batch. */
  | { readonly training: false; readonly superBatch?: undefined }
  /**
   * Scoring, no dropout. The `first` chunk of a super-batch is normalized by its own statistics, which are remembered as the super-batch's and move the moving ones;
   * the `rest` is normalized by them.
   */
  | { readonly training: false; readonly superBatch: "first" | "rest" }
  | {
      /** Dropout on. In batch norm the batch's own statistics, which move the moving ones. */
      readonly training: true;
      /** An importance-sampled batch of the super-batch that was scored last, whose statistics normalize it. @default false */
      readonly fromSuperBatch?: boolean;
      /** Share of values that dropout sets to zero, in [0, 1). */
      readonly dropout: number;
      /** Draws the dropout masks. */
      readonly rng: Rng;
    };

/** What a network must be able to map. */
export interface NetworkShape {
  readonly inputShape: InputShape;
  readonly classes: number;
  /** Multiplies the number of channels of every hidden layer; 1 is the architecture as published. */
  readonly width: number;
}

/**
 * A family of classification networks. Stateless: all that is learned lies in {@link Parameters}, so one architecture serves many
 * models.
 */
export interface Architecture {
  readonly name: string;
  /**
   * Declares the parameters. Called once per model; must draw only through `builder`.
   *
   * @throws {RangeError} if the shape cannot be mapped.
   */
  init(builder: ParameterBuilder, shape: NetworkShape): void;
  /**
   * @param parameters - as declared by `init`.
   * @param inputs - n × h × w × c, normalized.
   * @returns n × classes: logits, not probabilities. Importance scores are gradients with respect to these.
   */
  forward(parameters: Parameters, inputs: Tensor4D, mode: ForwardMode): Tensor2D;
}

/** Channels of a layer after the width multiplier, at least 1. */
export function scaledChannels(channels: number, width: number): number {
  return Math.max(1, Math.round(channels * width));
}
