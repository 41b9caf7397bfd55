import { fitGp } from "@superbatch/gp";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Surrogate, SurrogateData } from "../surrogate.ts";

export interface LocalSurrogate extends Surrogate {
  /** Number of observations of each fit so far. */
  readonly fits: readonly number[];
}

/**
 * The exact Gaussian process of the surrogate service, in process: for tests only, the optimizer has it behind gRPC.
 *
 * @param inference - `map` is fast, `mcmc` is what the service does
 */
export function createLocalSurrogate(inference: "map" | "mcmc" = "map"): LocalSurrogate {
  const fits: number[] = [];
  return {
    fits,
    async fit({ dimensions, x, y, cost }, options, signal) {
      const { seed, samples, gaussianProcess, inferFrom = y.length } = options;
      signal.throwIfAborted();
      fits.push(y.length);
      const logCost = cost.map(Math.log);
      const fit = (output: "objective" | "log-cost", values: Float64Array) =>
        fitGp(
          { dimensions, x: firstRows(x, inferFrom), y: values.slice(0, inferFrom) },
          { output, inference, ...gaussianProcess, ...(samples !== undefined && { samples }) },
          createRng(seed).fork(output),
        ).append(rowsFrom(x, inferFrom), values.slice(inferFrom));
      const models = { objective: fit("objective", y), "log-cost": fit("log-cost", logCost) };
      return async (output, anchors, points) => models[output].posterior(anchors, points);
    },
  };
}

/** A surrogate that cannot be reached. */
export function createBrokenSurrogate(message = "no connection"): Surrogate {
  return {
    fit: async () => {
      throw new Error(message);
    },
  };
}

export function firstOf({ dimensions, x, y, cost }: SurrogateData, n: number): SurrogateData {
  return { dimensions, x: firstRows(x, n), y: y.slice(0, n), cost: cost.slice(0, n) };
}

function firstRows({ columns, data }: Matrix, n: number): Matrix {
  return createMatrix(n, columns, data.slice(0, n * columns));
}

function rowsFrom({ rows, columns, data }: Matrix, n: number): Matrix {
  return createMatrix(rows - n, columns, data.slice(n * columns));
}
