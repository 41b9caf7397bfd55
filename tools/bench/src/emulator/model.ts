import { fitGp } from "@superbatch/gp";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { fitForest } from "@superbatch/random-forest";
import type { Dimension } from "@superbatch/search-space";

/** Regression of one output. */
export interface Regression {
  /** Of the function at m points: means and variances; noise: variance of a single run about it. */
  predict(points: Matrix): {
    readonly mean: Float64Array;
    readonly variance: Float64Array;
    readonly noise: Float64Array;
  };
}

export interface RegressionData {
  readonly dimensions: readonly Dimension[];
  readonly x: Matrix;
  readonly y: Float64Array;
}

/** A kind of regression, under the name that options and tables use. */
export const regressions = {
  /** Our exact Gaussian process, hyperparameters at their mode. */
  gp(data: RegressionData): Regression {
    const model = fitGp(data, { output: "objective", inference: "map" }, createRng("emulator"));
    const none = createMatrix(0, data.dimensions.length);
    return {
      predict(points) {
        const [{ mean, variance, noise }] = model.posterior(none, points) as [ReturnType<typeof model.posterior>[0]];
        return { mean, variance, noise };
      },
    };
  },
  /** Our random forest. */
  forest(data: RegressionData): Regression {
    const model = fitForest(data, { trees: 64, splitAt: 8 }, createRng("emulator"));
    const none = createMatrix(0, data.dimensions.length);
    return {
      predict(points) {
        const { mean, variance, noise } = model.posterior(none, points);
        return { mean, variance, noise };
      },
    };
  },
} satisfies Record<string, (data: RegressionData) => Regression>;

export type RegressionName = keyof typeof regressions;
export const regressionNames = Object.keys(regressions) as RegressionName[];
