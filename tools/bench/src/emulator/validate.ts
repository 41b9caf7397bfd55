import { createRng } from "@superbatch/random";
import { meanOf } from "../regret/summary.ts";
import { type RegressionName, regressions } from "./model.ts";
import { type Output, rowsOf, sigmoid, type Table } from "./table.ts";

/** How well a kind of model predicts runs that it has not seen. */
export interface Quality {
  readonly runs: number;
  /** Of the prediction, in the unit of the error; for costs relative. */
  readonly rmse: number;
  /** The same of a model that knew the function: what differs between repeats at the same place. NaN without repeats. */
  readonly noise: number;
  /** Share of the variance that is explained, on the model's scale. */
  readonly r2: number;
  /** Spearman's rank correlation. */
  readonly spearman: number;
  /** Share of the observations within the predicted 95% interval. */
  readonly coverage: number;
}

const folds = 5;

/** Of each run, on the model's scale. */
export interface LeftOut {
  readonly predicted: Float64Array;
  /** Standard deviations, noise included. */
  readonly sd: Float64Array;
}

/**
 * Cross-validation: predictions of each run by a model that has not seen its place. Five parts, each predicted by a model of the four others; repeats at one place
 * are in the same part.
 */
export function predictLeftOut(table: Table, name: RegressionName, output: Output): LeftOut {
  const y = table.values(output);
  const rng = createRng("folds");
  const foldOfGroup = Array.from({ length: Math.max(...table.groups) + 1 }, () => rng.integer(folds));
  const predicted = new Float64Array(y.length);
  const sd = new Float64Array(y.length);
  for (let fold = 0; fold < folds; fold++) {
    const indices = Array.from(y.keys());
    const inside = indices.filter((i) => foldOfGroup[table.groups[i]!] === fold);
    const outside = indices.filter((i) => foldOfGroup[table.groups[i]!] !== fold);
    if (inside.length === 0 || outside.length === 0) continue;
    const data = {
      dimensions: table.dimensions,
      x: rowsOf(table.x, outside),
      y: Float64Array.from(outside, (i) => y[i]!),
    };
    const { mean, variance, noise } = regressions[name](data).predict(rowsOf(table.x, inside));
    for (const [k, i] of inside.entries()) {
      predicted[i] = mean[k]!;
      sd[i] = Math.sqrt(variance[k]! + noise[k]!);
    }
  }
  return { predicted, sd };
}

/** How good predictions are. @param of - which runs are judged. @default all */
export function judge(
  table: Table,
  output: Output,
  { predicted, sd }: LeftOut,
  of: (run: number) => boolean = () => true,
): Quality {
  const y = table.values(output);
  const chosen = Array.from(y.keys()).filter(of);
  const plain = output.kind === "cost" ? Math.exp : sigmoid;
  const difference = (a: number, b: number) => (output.kind === "cost" ? Math.exp(a - b) - 1 : plain(a) - plain(b));
  const errors = chosen.map((i) => difference(predicted[i]!, y[i]!));
  const center = meanOf(chosen.map((i) => y[i]!));
  const total = chosen.reduce((sum, i) => sum + (y[i]! - center) ** 2, 0);
  const rest = chosen.reduce((sum, i) => sum + (y[i]! - predicted[i]!) ** 2, 0);
  return {
    runs: chosen.length,
    rmse: Math.sqrt(meanOf(errors.map((error) => error ** 2))),
    noise: repeatNoise(table, y, chosen, difference),
    r2: 1 - rest / total,
    spearman: correlation(ranksOf(chosen.map((i) => predicted[i]!)), ranksOf(chosen.map((i) => y[i]!))),
    coverage: meanOf(chosen.map((i) => Number(Math.abs(predicted[i]! - y[i]!) < 1.96 * sd[i]!))),
  };
}

/** Standard deviation between runs of one place, from pairs. */
function repeatNoise(
  { groups }: Table,
  y: Float64Array,
  chosen: readonly number[],
  difference: (a: number, b: number) => number,
): number {
  const members = Map.groupBy(chosen, (i) => groups[i]!);
  const squares = [...members.values()].flatMap((same) =>
    same.slice(1).map((i) => difference(y[i]!, y[same[0]!]!) ** 2 / 2),
  );
  return squares.length > 0 ? Math.sqrt(meanOf(squares)) : Number.NaN;
}

/** Ranks from 0, ties sharing their mean. */
export function ranksOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [meanOf(a), meanOf(b)];
  const product = a.reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
  const spread = (values: readonly number[], mean: number) =>
    Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return product / (spread(a, ma) * spread(b, mb));
}
