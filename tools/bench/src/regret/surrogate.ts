import { fitGp, type GpModel } from "@superbatch/gp";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Surrogate, SurrogateData } from "@superbatch/optimizer/suggest";
import { createRng } from "@superbatch/random";

type Models = Record<"objective" | "log-cost", GpModel>;

/**
 * A surrogate in process for one study. Like the service it keeps its last fits and appends; unlike the service, whose fits are functions of the request alone, it starts
 * each inference from the last one's hyperparameters. The recorded results are of this.
 */
export function createSurrogate(): Surrogate {
  let inferred: { readonly size: number; readonly models: Models } | undefined;
  let current: { readonly size: number; readonly models: Models } | undefined;
  return {
    async fit(data, options) {
      const { seed, samples, inference = "mcmc", gaussianProcess, inferFrom = data.y.length } = options;
      if (inferred?.size !== inferFrom) {
        const part = rowsOf(data, 0, inferFrom);
        const fit = (output: keyof Models) =>
          fitGp(
            { dimensions: data.dimensions, x: part.x, y: part[output] },
            {
              output,
              inference,
              ...gaussianProcess,
              ...(samples !== undefined && { samples }),
              ...(inferred && { warmStart: inferred.models[output].warmStart }),
            },
            createRng(`${seed}/${output}`),
          );
        inferred = { size: inferFrom, models: { objective: fit("objective"), "log-cost": fit("log-cost") } };
        current = undefined;
      }
      if (current?.size !== data.y.length) {
        const { x, ...values } = rowsOf(data, inferFrom, data.y.length);
        const append = (output: keyof Models) => inferred!.models[output].append(x, values[output]);
        current = { size: data.y.length, models: { objective: append("objective"), "log-cost": append("log-cost") } };
      }
      const { models } = current;
      return async (output, anchors, points) => models[output].posterior(anchors, points);
    },
  };
}

function rowsOf(
  { x, y, cost }: SurrogateData,
  from: number,
  to: number,
): { x: Matrix } & Record<keyof Models, Float64Array> {
  const { columns, data } = x;
  return {
    x: createMatrix(to - from, columns, data.slice(from * columns, to * columns)),
    objective: y.slice(from, to),
    "log-cost": cost.slice(from, to).map(Math.log),
  };
}
