import type { SurrogatePosterior } from "@superbatch/acquisition";
import { createMatrix } from "@superbatch/linalg";
import type { StudyData } from "./study-data.ts";
import type { Surrogate } from "./surrogate.ts";

/** Fits the surrogate to a study's observations. Equal studies ask for equal models, whatever was asked before. */
export function fitStudy(
  surrogate: Surrogate,
  { candidates, x, y, cost, rng }: StudyData,
  samples: number | undefined,
  signal: AbortSignal,
): Promise<SurrogatePosterior> {
  const { dimensions } = candidates;
  const matrix = createMatrix(x.length, dimensions.length);
  x.forEach((row, i) => {
    matrix.data.set(row, i * dimensions.length);
  });
  return surrogate.fit(
    { dimensions, x: matrix, y, cost },
    {
      seed: rng.fork("model").uint32(),
      inferFrom: inferenceSize(x.length),
      ...(samples !== undefined && { samples }),
    },
    signal,
  );
}

/**
 * How many of n observations to infer hyperparameters from: all of few; of many, the last multiple of a power of two that is at most a
 * sixteenth of them. New hyperparameters are then inferred after a growth of 3 to 6%, and the choice depends on n alone, so that a
 * study that is resumed elsewhere goes on with the same models.
 */
export function inferenceSize(n: number): number {
  if (n < 32) return n;
  const step = 2 ** Math.floor(Math.log2(n / 16));
  return n - (n % step);
}
