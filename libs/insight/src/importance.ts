import { fitGp, type GpModel } from "@superbatch/gp";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { rowFromUnit } from "@superbatch/search-space";
import type { Observations } from "./observations.ts";
import { type SobolIndex, sobolIndices } from "./sobol-indices.ts";

/** Fewer observations than this say nothing about importance. */
export const leastObservations = 4;

export interface ImportanceOptions {
  /** What is explained. @default "objective" */
  readonly output?: "objective" | "log-cost";
  /** Whether fidelities vary too, or are held at their targets, where quality counts. @default "target" */
  readonly fidelities?: "target" | "free";
  /** Base points of the indices' estimate, a power of two. @default 1024 */
  readonly samples?: number;
  /** Above this number the model is fitted to a subset: the best ones, and others spread over the space. At least 1. @default 300 */
  readonly maxObservations?: number;
}

export interface ParameterImportance extends SobolIndex {
  readonly name: string;
}

/**
 * How much of the variation of the objective (or of the logarithm of cost) over the space each parameter accounts for: Sobol indices of the
 * posterior mean of a Gaussian process that is fitted to the observations here, by maximum posterior. The space is uniform in its
 * parameters' scales; constraints are left aside. What the model has not seen it takes for flat, so with few observations important
 * parameters look less important, never the other way round by much.
 *
 * @returns the most important first; none with fewer than {@link leastObservations} observations.
 */
export function parameterImportance(
  observations: Observations,
  options: ImportanceOptions = {},
): ParameterImportance[] {
  const { output = "objective", fidelities = "target", samples = 1024, maxObservations = 300 } = options;
  const { space, dimensions, trials } = observations;
  if (trials.length < leastObservations) return [];
  // A fixed seed: the same trials always show the same figures.
  const rng = createRng("parameter-importance");
  const model = fitObservations(observations, output, maxObservations);
  const varied = dimensions.flatMap((dimension, column) =>
    dimension.kind === "fidelity" && fidelities === "target" ? [] : [column],
  );
  if (varied.length === 0) return [];
  const indices = sobolIndices({ dimensions: varied.length, samples, rng }, (points) => {
    const rows = createMatrix(points.rows, dimensions.length);
    const u = new Float64Array(dimensions.length);
    for (let i = 0; i < points.rows; i++) {
      varied.forEach((column, j) => {
        u[column] = points.data[i * points.columns + j]!;
      });
      const row = rowFromUnit(space, u);
      if (fidelities === "target")
        dimensions.forEach(({ kind }, column) => {
          if (kind === "fidelity") row[column] = 1;
        });
      rows.data.set(row, i * dimensions.length);
    }
    return posteriorMean(model, rows);
  });
  return indices
    .map((index, j) => ({ name: dimensions[varied[j]!]!.name, ...index }))
    .sort((one, other) => other.total - one.total);
}

/** A Gaussian process on the observations, its hyperparameters at their most probable values. */
export function fitObservations(
  { dimensions, x, y, logCost }: Observations,
  output: "objective" | "log-cost",
  maxObservations: number,
): GpModel {
  const values = output === "objective" ? y : logCost;
  return fitGp({ dimensions, x, y: values }, { output, inference: "map", maxObservations }, createRng("insight"));
}

function posteriorMean(model: GpModel, rows: Matrix): Float64Array {
  const samples = model.posterior(createMatrix(0, rows.columns), rows);
  return samples[0]!.mean.map((_, i) => samples.reduce((sum, { mean }) => sum + mean[i]! / samples.length, 0));
}
