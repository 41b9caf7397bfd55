import { createMatrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { meanOf } from "../regret/summary.ts";
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

/** Of these nearest repeated runs one lends its deviation from the mean of its place. */
const neighbours = 24;

/**
 * Each point of the curve has a regression of the logit of the error and one of the logarithm of the cost, over hyperparameters, B and share alike. The error at the
 * end has one for validation and test together: they differ by what the examples differ by, not by the place, and two regressions would each have a lowest place of their own, so that
 * what a study sees would contradict what it is judged by.
 *
 * A run is the expected curve plus a deviation of recorded repeats: how a run near by differs from the mean of those at its place, as a whole curve, so that deviations
 * are correlated over points as those of real runs are. Places of runs that diverged lend none. Without repeats nothing deviates.
 *
 * Models are fitted when they are first asked for.
 */
export function createEmulator(table: Table, name: RegressionName = "gp"): Emulator {
  const { problem, x } = table;
  const fitted = new Map<string, Regression>();
  const deviations = new Map<string, Float64Array>();
  const repeated = repeatedRuns(table);

  function model(output: Output): Regression {
    const key = JSON.stringify(output);
    const known = fitted.get(key);
    if (known) return known;
    const regression = regressions[name]({ dimensions: table.dimensions, x, y: table.values(output) });
    fitted.set(key, regression);
    return regression;
  }

  /** Of each run. */
  function deviationsOf(output: Output): Float64Array {
    const key = JSON.stringify(output);
    const known = deviations.get(key);
    if (known) return known;
    const y = table.values(output);
    const found = new Float64Array(y.length);
    for (const same of repeated) {
      const mean = meanOf(same.map((i) => y[i]!));
      // The mean has part in each of them: what is left is too small by this factor.
      const scale = Math.sqrt(same.length / (same.length - 1));
      for (const i of same) found[i] = scale * (y[i]! - mean);
    }
    deviations.set(key, found);
    return found;
  }

  const expected = (output: Output, row: readonly number[]) =>
    model(output).predict(createMatrix(1, row.length, Float64Array.from(row)));

  /** Logit of the validation error. */
  function expectedError(at: number, row: readonly number[]): number {
    if (at < table.points - 1) return expected({ kind: "error", at }, row).mean[0]!;
    return table.validationOf(expected({ kind: "final" }, row).mean[0]!);
  }

  return {
    table,
    run(place, seed, noise = 1) {
      const row = columnsOf(problem, place);
      const near = nearest(table, row);
      const draw = createRng(`${JSON.stringify(place)} ${seed}`).integer(Math.max(1, near.length));
      const deviation = (output: Output) => (near.length === 0 ? 0 : deviationsOf(output)[near[draw]!]!);
      const examples = problem.validationExamples;
      const error: number[] = [];
      const spent: number[] = [];
      for (let at = 0; at < table.points; at++) {
        const value = expectedError(at, row) + noise * deviation({ kind: "error", at });
        error.push(Math.round(sigmoid(value) * examples) / examples);
        const cost = expected({ kind: "cost", at }, row).mean[0]! + deviation({ kind: "cost", at });
        spent.push(Math.max(Math.exp(cost), spent.at(-1) ?? 0));
      }
      return { error, spent };
    },
    truth(place) {
      const { mean, variance } = expected({ kind: "final" }, columnsOf(problem, place));
      const error = sigmoid(mean[0]!);
      // To first order.
      return { mean: error, sd: Math.sqrt(variance[0]!) * error * (1 - error) };
    },
  };

  function nearest({ x: { data, columns } }: Table, row: readonly number[]): number[] {
    const distance = (i: number) => row.reduce((sum, value, d) => sum + (value - data[i * columns + d]!) ** 2, 0);
    const order = repeated.flat().map((i) => ({ i, distance: distance(i) }));
    order.sort((a, b) => a.distance - b.distance || a.i - b.i);
    return order.slice(0, neighbours).map(({ i }) => i);
  }
}

/** Runs of each place that has several, none of which diverged. */
function repeatedRuns({ runs, groups }: Table): number[][] {
  const places = Map.groupBy(runs.keys(), (i) => groups[i]!).values();
  return [...places].filter((same) => same.length > 1 && same.every((i) => runs[i]!.ending === "finished"));
}
