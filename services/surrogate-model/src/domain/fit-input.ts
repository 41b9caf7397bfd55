import { createHash } from "node:crypto";
import type { Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";
import type { ModelName } from "./models/kinds.ts";

/** What a model is fitted to, checked. */
export interface FitInput {
  readonly dimensions: readonly Dimension[];
  /** n × columns */
  readonly x: Matrix;
  /** n values of the objective */
  readonly y: Float64Array;
  /** n costs, above 0 */
  readonly cost: Float64Array;
  readonly inference: "mcmc" | "map";
  /** Samples of the hyperparameters. */
  readonly samples: number;
  readonly seed: number;
  /** Handle of a model to start from; empty for none. */
  readonly previous: string;
  /** Whether observations may just be added to `previous`. */
  readonly append: boolean;
}

/** A name for what a request asks for: equal requests have equal handles, in every replica and after every restart. */
export function handleOf(modelKind: ModelName, input: FitInput): string {
  const { dimensions, x, y, cost, inference, samples, seed, previous, append } = input;
  const hash = createHash("sha256");
  const shape = [x.rows, x.columns];
  hash.update(JSON.stringify({ version: 2, modelKind, dimensions, shape, inference, samples, seed, previous, append }));
  for (const { buffer, byteOffset, byteLength } of [x.data, y, cost]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex").slice(0, 32);
}

/** Whether `later` has the observations of `earlier` first, in the same columns and to be modelled the same way. */
export function extendsInput(later: FitInput, earlier: FitInput): boolean {
  return (
    later.inference === earlier.inference &&
    later.samples === earlier.samples &&
    JSON.stringify(later.dimensions) === JSON.stringify(earlier.dimensions) &&
    startsWith(later.x.data, earlier.x.data) &&
    startsWith(later.y, earlier.y) &&
    startsWith(later.cost, earlier.cost)
  );
}

function startsWith(values: Float64Array, start: Float64Array): boolean {
  // By bits: NaN marks inactive columns.
  const bytes = (array: Float64Array) => Buffer.from(array.buffer, array.byteOffset, start.byteLength);
  return values.length >= start.length && bytes(values).equals(bytes(start));
}
