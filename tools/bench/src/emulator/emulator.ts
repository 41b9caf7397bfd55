import { createMatrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { type Regression, type RegressionName, regressions } from "./model.ts";
import { columnsOf, type Output, type Place, sigmoid, type Table } from "./table.ts";

/** A training that never took place. Arrays have an entry for each point of the curve. */
export interface EmulatedRun {
  /** Validation error, a multiple of one example. */
  readonly error: readonly number[];
  /** Seconds so far, evaluations left out. */
  readonly spent: readonly number[];
}

/** Answers for trainings at any hyperparameters, from recorded ones. */
export interface Emulator {
  readonly table: Table;
  /**
   * One training. Equal arguments give the same.
   *
   * @param noise - multiplies the deviations from the expected curve. @default 1
   */
  run(place: Place, seed: string, noise?: number): EmulatedRun;
  /** Mean test error at the end over seeds, and the standard deviation of what is known of it. */
  truth(place: Place): { readonly mean: number; readonly sd: number };
}

/** Of these nearest runs one lends its deviation from the expected curve. */
const neighbours = 24;

/**
 * Each point of the curve has a regression of the logit of the error and one of the logarithm of the cost, over hyperparameters, B and share alike. A run is the
 * expected curve plus the deviation of a recorded curve near by from what the model expects of it without having seen it, so that deviations are correlated
 * over epochs as those of real runs are. A left-out prediction is wrong by noise and by the model's own uncertainty; the deviation is
 * reduced to the part of the noise.
 *
 * Models are fitted when they are first asked for.
 */
export function createEmulator(table: Table, name: RegressionName = "gp"): Emulator {
  const { problem, runs, x } = table;
  const fitted = new Map<string, Regression>();
  const deviations = new Map<string, Float64Array>();

  function model(output: Output): Regression {
    const key = JSON.stringify(output);
    const known = fitted.get(key);
    if (known) return known;
    const regression = regressions[name]({ dimensions: table.dimensions, x, y: table.values(output) });
    fitted.set(key, regression);
    return regression;
  }

  function deviationsOf(output: Output): Float64Array {
    const key = JSON.stringify(output);
    const known = deviations.get(key);
    if (known) return known;
    const y = table.values(output);
    const { mean, noiseShare } = model(output).left();
    const found = y.map((value, i) => (value - mean[i]!) * Math.sqrt(noiseShare[i]!));
    deviations.set(key, found);
    return found;
  }

  const expected = (output: Output, row: readonly number[]) =>
    model(output).predict(createMatrix(1, row.length, Float64Array.from(row)));

  return {
    table,
    run(place, seed, noise = 1) {
      const row = columnsOf(problem, place);
      const near = nearest(table, row);
      const donor = near[createRng(`${JSON.stringify(place)} ${seed}`).integer(near.length)]!;
      const examples = problem.validationExamples;
      const error: number[] = [];
      const spent: number[] = [];
      for (let at = 0; at < table.points; at++) {
        const value =
          expected({ kind: "error", at }, row).mean[0]! + noise * deviationsOf({ kind: "error", at })[donor]!;
        error.push(Math.round(sigmoid(value) * examples) / examples);
        const cost = expected({ kind: "cost", at }, row).mean[0]! + deviationsOf({ kind: "cost", at })[donor]!;
        spent.push(Math.max(Math.exp(cost), spent.at(-1) ?? 0));
      }
      return { error, spent };
    },
    truth(place) {
      const { mean, variance } = expected({ kind: "test" }, columnsOf(problem, place));
      const error = sigmoid(mean[0]!);
      // To first order.
      return { mean: error, sd: Math.sqrt(variance[0]!) * error * (1 - error) };
    },
  };

  function nearest({ x: { data, columns } }: Table, row: readonly number[]): number[] {
    const distance = (i: number) => row.reduce((sum, value, d) => sum + (value - data[i * columns + d]!) ** 2, 0);
    const order = Array.from(runs.keys(), (i) => ({ i, distance: distance(i) }));
    order.sort((a, b) => a.distance - b.distance || a.i - b.i);
    return order.slice(0, neighbours).map(({ i }) => i);
  }
}
