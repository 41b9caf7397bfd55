import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";
import { type Cell, sameCell } from "../recorded/design.ts";
import { type RecordedProblem, toUnit } from "../recorded/problem.ts";
import type { RunRecord } from "../recorded/records.ts";
import { meanOf } from "../regret/summary.ts";
import { median } from "../timing.ts";

/** Where an emulator is asked: hyperparameters in plain units, and how the examples are chosen. */
export interface Place extends Cell {
  readonly x: readonly number[];
}

/** What is modelled, each by a model of its own. */
export type Output =
  /** Logit of the validation error at a point of the curve, 0 being the first. */
  | { readonly kind: "error"; readonly at: number }
  /** Logit of the test error at the end. */
  | { readonly kind: "test" }
  /** Logit of the test error at the end as the test and the validation examples tell it together: the mean of the one and of what the other corresponds to. */
  | { readonly kind: "final" }
  /** Logarithm of the seconds until a point of the curve, evaluations left out. */
  | { readonly kind: "cost"; readonly at: number };

/** Records as models see them: a row for each run. */
export interface Table {
  readonly problem: RecordedProblem;
  readonly runs: readonly RunRecord[];
  /** Points of the curve. */
  readonly points: number;
  /** Epochs at each of them. */
  readonly epochs: readonly number[];
  readonly dimensions: readonly Dimension[];
  readonly x: Matrix;
  values(output: Output): Float64Array;
  /** Logit of the validation error that corresponds to one of the test error, at the end: the line through both's means and standard deviations. */
  validationOf(test: number): number;
  /** Runs with the same number have the same place: repeats with other seeds. */
  readonly groups: Int32Array;
  /** Error of guessing. */
  readonly guessing: number;
  /** Seconds of one evaluation on the validation examples. */
  readonly evaluationSeconds: number;
  /** Seconds of a whole run with uniform sampling, one evaluation included: the unit of budgets. */
  readonly uniformSeconds: number;
  /** Seconds of the median run's gradient step: what each run's own are scaled to. */
  readonly pace: number;
  /** Share of scoring in the seconds of a cell's runs. */
  scoringShare(cell: Cell): number;
}

/** Seconds of one of a run's gradient steps, which do the same work in all runs: how fast its machine was. */
export function paceOf({ gradient, steps }: Pick<RunRecord, "gradient" | "steps">): number {
  return gradient / steps;
}

/** Errors are kept off 0 and 1 by half an example. */
export function logit(error: number, examples: number): number {
  const kept = Math.min(Math.max(error, 0.5 / examples), 1 - 0.5 / examples);
  return Math.log(kept / (1 - kept));
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/**
 * Columns: the hyperparameters on their scales, the learning rate as what a gradient is multiplied by in all ({@link placeOf}), then three for the cell: how far B is on its way from b to the highest level if importance sampling is always on
 * (log B), the same for the published switch, and how far the share of the data is below 1 (log share). Uniform sampling is 0 in all three, so
 * that its runs inform all families.
 */
export function columnsOf(problem: RecordedProblem, { family, level, x }: Place): number[] {
  const { levels, shares } = problem;
  const height = Math.log(level) / Math.log(levels.at(-1)!);
  const missing = Math.log(level) / Math.log(shares[0]!);
  return [
    ...placeOf(problem, x),
    family === "always" ? height : 0,
    family === "published" ? height : 0,
    family === "share" ? missing : 0,
  ];
}

/**
 * Momentum m adds a gradient 1 / (1 − m) times: trainings whose η / (1 − m) is equal are alike, and the border beyond which none learns is where that is too large, which runs
 * askew through the space of η and 1 − m.
 */
function placeOf(problem: RecordedProblem, x: readonly number[]): number[] {
  const [rate, friction] = problem.hyperparameters;
  const [, ...place] = toUnit(problem, x);
  const [least, most] = [rate!.min / friction!.max, rate!.max / friction!.min];
  return [Math.log(x[0]! / x[1]! / least) / Math.log(most / least), ...place];
}

/**
 * Costs are made comparable: in each run a gradient step does the same work, so that its seconds are divided by its own seconds a step and multiplied by the
 * median run's. What the machine did besides then counts for nothing. A run that diverged has the error of guessing from there on, and counts as dear as the others of its
 * cell: what it saved, of the few that do, would be a cliff that no regression follows.
 */
export function createTable(problem: RecordedProblem, runs: readonly RunRecord[]): Table {
  const points = problem.epochs / problem.evaluationEpochs;
  const paces = runs.map(paceOf);
  const pace = median(paces);
  const columns = problem.hyperparameters.length + 3;
  const x = createMatrix(runs.length, columns);
  for (const [i, run] of runs.entries()) x.data.set(columnsOf(problem, run), i * columns);
  const keys = new Map<string, number>();
  const groups = Int32Array.from(runs, ({ family, level, x: point }) => {
    const key = `${family} ${level} ${point.join(" ")}`;
    return keys.get(key) ?? keys.set(key, keys.size).size - 1;
  });
  const guessing = 1 - 1 / (problem.dataset === "cifar100" ? 100 : 10);
  const logCost = (run: RunRecord, i: number, at: number) => Math.log((run.spent[at]! * pace) / paces[i]!);
  const usualLogCost = (diverged: RunRecord, i: number, at: number) => {
    const others = runs.flatMap((run, k) =>
      run.ending === "finished" && sameCell(run, diverged) ? [logCost(run, k, at)] : [],
    );
    return others.length > 0 ? median(others) : Math.log((diverged.gradient * pace) / paces[i]!);
  };
  const validationOf = (run: RunRecord) => logit(run.error[points - 1] ?? guessing, problem.validationExamples);
  const testOf = (run: RunRecord) => logit(run.testError ?? guessing, problem.testExamples);
  const line = lineBetween(runs.map(validationOf), runs.map(testOf));
  const values = (output: Output) =>
    Float64Array.from(runs, (run, i) => {
      switch (output.kind) {
        case "error":
          return logit(run.error[output.at] ?? guessing, problem.validationExamples);
        case "test":
          return testOf(run);
        case "final":
          return (testOf(run) + line.testOf(validationOf(run))) / 2;
        case "cost":
          return run.ending === "finished" ? logCost(run, i, output.at) : usualLogCost(run, i, output.at);
      }
    });
  const evaluations = runs.flatMap(({ evaluation, error }, i) =>
    error.length > 0 ? [((evaluation / error.length) * pace) / paces[i]!] : [],
  );
  const evaluationSeconds = median(evaluations);
  const wholes = runs.flatMap((run, i) =>
    run.family === "uniform" && run.ending === "finished" ? [(run.spent.at(-1)! * pace) / paces[i]!] : [],
  );
  const names = [...problem.hyperparameters.map(({ name }) => name), "always", "published", "share"];
  return {
    problem,
    runs,
    points,
    epochs: Array.from({ length: points }, (_, i) => (i + 1) * problem.evaluationEpochs),
    dimensions: names.map((name) => ({ name, kind: "numeric" })),
    x,
    values,
    validationOf: line.validationOf,
    groups,
    guessing,
    evaluationSeconds,
    pace,
    uniformSeconds: median(wholes) + evaluationSeconds,
    scoringShare(cell) {
      const own = runs.filter((run) => sameCell(run, cell) && run.ending === "finished");
      return own.length > 0 ? median(own.map(({ scoring, spent }) => scoring / spent.at(-1)!)) : 0;
    },
  };
}

/** Both are noisy, so that neither is regressed on the other: the reduced major axis. */
function lineBetween(validation: readonly number[], test: readonly number[]) {
  const [v, t] = [meanOf(validation), meanOf(test)];
  const spread = (values: readonly number[], mean: number) =>
    Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  const [sv, st] = [spread(validation, v), spread(test, t)];
  const slope = sv > 0 && st > 0 ? st / sv : 1;
  return {
    testOf: (value: number) => t + slope * (value - v),
    validationOf: (value: number) => v + (value - t) / slope,
  };
}

/** Rows of a table's matrix. */
export function rowsOf({ data, columns }: Matrix, indices: readonly number[]): Matrix {
  const rows = createMatrix(indices.length, columns);
  for (const [k, i] of indices.entries()) rows.data.set(data.subarray(i * columns, (i + 1) * columns), k * columns);
  return rows;
}
