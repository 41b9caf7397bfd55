import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";

/** Width of the network's inputs: numbers one, categories one-hot, and a flag for what may be inactive. */
export function inputWidth(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((sum, dimension) => sum + widthOf(dimension) + (isConditional(dimension) ? 1 : 0), 0);
}

/** Encoded points, n × D, as inputs in [-1, 1]; inactive columns are 0 with their flag set. */
export function toInputs(dimensions: readonly Dimension[], x: Matrix): Matrix {
  const inputs = createMatrix(x.rows, inputWidth(dimensions));
  for (let i = 0; i < x.rows; i++) {
    let at = i * inputs.columns;
    dimensions.forEach((dimension, j) => {
      const value = x.data[i * x.columns + j]!;
      const inactive = Number.isNaN(value);
      if (!inactive) {
        if (dimension.kind === "categorical") inputs.data[at + value] = 1;
        else inputs.data[at] = 2 * value - 1;
      }
      at += widthOf(dimension);
      if (isConditional(dimension)) inputs.data[at++] = inactive ? 1 : 0;
    });
  }
  return inputs;
}

function widthOf(dimension: Dimension): number {
  return dimension.kind === "categorical" ? dimension.categories : 1;
}

function isConditional(dimension: Dimension): boolean {
  return dimension.kind !== "fidelity" && dimension.condition !== undefined;
}
