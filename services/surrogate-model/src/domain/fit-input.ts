import { createHash } from "node:crypto";
import type { GaussianProcessOptions, Inference } from "@superbatch/contracts";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";
import { type ModelName, modelKinds } from "./models/kinds.ts";

/** What a model is fitted to, checked. It determines the model. */
export interface FitInput {
  readonly dimensions: readonly Dimension[];
  /** n × columns */
  readonly x: Matrix;
  /** n values of the objective */
  readonly y: Float64Array;
  /** n costs, above 0 */
  readonly cost: Float64Array;
  readonly inference: Inference;
  /** Samples of the hyperparameters; 0: as many as this kind of model takes by itself. */
  readonly samples: number;
  readonly seed: number;
  /** Hyperparameters are inferred from so many of the first observations, the others only added. n: from all. */
  readonly inferFrom: number;
  readonly gaussianProcess: GaussianProcessOptions;
}

/** To add more than this takes as long as an inference does, and an exact model's memory grows with the square of what it is made of. */
const mostAdded = 2000;

/** The input as it is fitted: hyperparameters are inferred from all observations where the others cannot be added. Inputs that give the same model become one. */
export function settleInput(modelKind: ModelName, input: FitInput): FitInput {
  const n = input.y.length;
  const canAdd = modelKinds[modelKind].appends && n - input.inferFrom <= mostAdded;
  return canAdd ? input : { ...input, inferFrom: n };
}

/** A name for what a request asks for: equal requests have equal handles, in every replica and after every restart. */
export function handleOf(modelKind: ModelName, input: FitInput): string {
  const { dimensions, x, y, cost, inference, samples, seed, inferFrom, gaussianProcess } = input;
  const hash = createHash("sha256");
  const shape = [x.rows, x.columns];
  const choices = { inference, samples, seed, inferFrom, gaussianProcess };
  hash.update(JSON.stringify({ version: 4, modelKind, dimensions, shape, ...choices }));
  for (const { buffer, byteOffset, byteLength } of [x.data, y, cost]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 32);
}

/** The input with only the observations that hyperparameters are inferred from, in memory of its own. */
export function inferredPart(input: FitInput): FitInput {
  const { x, y, cost, inferFrom } = input;
  return {
    ...input,
    x: createMatrix(inferFrom, x.columns, x.data.slice(0, inferFrom * x.columns)),
    y: y.slice(0, inferFrom),
    cost: cost.slice(0, inferFrom),
  };
}
