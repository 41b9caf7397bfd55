import type { RunRecord } from "../recorded/records.ts";
import { meanOf } from "../regret/summary.ts";
import { regressions } from "./model.ts";
import { rowsOf, sigmoid, type Table } from "./table.ts";

/** What importance sampling in every step did to the test error, at equal hyperparameters and equal steps. */
export interface Effect {
  /** B in multiples of b. */
  readonly level: number;
  readonly runs: number;
  /** Mean of the runs' errors less what uniform sampling is expected to give there; negative is better. */
  readonly difference: number;
  /** Of that mean, from the spread of the differences: noise of the runs and errors of the expectation. */
  readonly standardError: number;
}

/**
 * A Gaussian process of the trainings in which no step was sampled by importance tells what each other run would have come to without. The differences of one level share the
 * errors of that expectation where they are near each other, so that the standard error is somewhat too small.
 */
export function effectOfImportance(table: Table): Effect[] {
  const { problem, runs, x, dimensions } = table;
  const y = table.values({ kind: "test" });
  const isPlain = ({ family, importance }: RunRecord) =>
    family === "uniform" || (family === "published" && !importance.some((steps) => steps > 0));
  const plain = Array.from(runs.keys()).filter((i) => isPlain(runs[i]!));
  // The columns that tell cells apart are constant but for the published switch that was never on: they are set to those of uniform sampling.
  const asUniform = (indices: readonly number[]) => {
    const rows = rowsOf(x, indices);
    for (let i = 0; i < indices.length; i++) rows.data.fill(0, (i + 1) * x.columns - 3, (i + 1) * x.columns);
    return rows;
  };
  const model = regressions.gp({ dimensions, x: asUniform(plain), y: Float64Array.from(plain, (i) => y[i]!) });
  return problem.levels.map((level) => {
    const own = Array.from(runs.keys()).filter((i) => runs[i]!.family === "always" && runs[i]!.level === level);
    const { mean } = model.predict(asUniform(own));
    const differences = own.map((i, k) => sigmoid(y[i]!) - sigmoid(mean[k]!));
    const difference = meanOf(differences);
    const variance = differences.reduce((sum, each) => sum + (each - difference) ** 2, 0) / (own.length - 1);
    return { level, runs: own.length, difference, standardError: Math.sqrt(variance / own.length) };
  });
}
