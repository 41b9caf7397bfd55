import { effectOfImportance } from "../emulator/effect.ts";
import { regressionNames } from "../emulator/model.ts";
import type { Output, Table } from "../emulator/table.ts";
import { crossValidate, type Quality } from "../emulator/validate.ts";
import { cellsOf, sameCell } from "../recorded/design.ts";
import { median } from "../timing.ts";
import { markdownTable, percent } from "./markdown.ts";
import type { Method } from "./methods.ts";
import type { StudyRecord } from "./records.ts";
import { type Standing, standings } from "./summary.ts";

export const families = {
  uniform: "uniform",
  published: "by importance, published switch",
  always: "by importance, always",
  share: "share of the data, uniform",
} as const;

/** What was recorded, cell by cell. */
export function recordedTable({ problem, runs }: Table): string {
  const order = Object.keys(families);
  const cells = cellsOf(problem)
    .filter((cell, i, all) => all.findIndex((each) => sameCell(each, cell)) === i)
    .sort((a, b) => order.indexOf(a.family) - order.indexOf(b.family) || a.level - b.level);
  const rows = cells.map((cell) => {
    const own = runs.filter((run) => sameCell(run, cell));
    const errors = own.map(({ error }) => error.at(-1) ?? 0.9);
    const on = own.filter(({ importance }) => (importance.at(-1) ?? 0) > 0).length;
    const sampled = own.map(({ importance, steps }) => (importance.at(-1) ?? 0) / steps);
    const taus = own.map(({ largestTau }) => largestTau);
    const relative = own.map(({ spent, gradient }) => (spent.at(-1) ?? Number.NaN) / gradient);
    return [
      families[cell.family],
      cell.family === "share" ? String(cell.level) : cell.level === 1 ? "b" : `${cell.level}b`,
      own.length,
      own.filter(({ ending }) => ending === "diverged").length,
      percent(Math.min(...errors)),
      own.length > 0 ? percent(median(errors)) : "–",
      own.length > 0 ? percent(on / own.length, 0) : "–",
      own.length > 0 ? percent(sampled.reduce((sum, each) => sum + each, 0) / own.length, 0) : "–",
      own.length > 0 ? median(taus) : Number.NaN,
      Math.max(...taus),
      own.length > 0 ? median(relative) : Number.NaN,
    ];
  });
  return markdownTable(
    [
      "examples",
      "B or share",
      "runs",
      "diverged",
      "lowest error",
      "median",
      "runs with importance",
      "steps with it",
      "largest τ, median",
      "largest",
      "seconds / those of gradients",
    ],
    rows,
  );
}

/** What importance sampling in every step did at equal hyperparameters. */
export function effectTable(table: Table): string {
  const rows = effectOfImportance(table).map(({ level, runs, difference, standardError }) => [
    `${level}b`,
    runs,
    `${difference > 0 ? "+" : ""}${(100 * difference).toFixed(2)}`,
    (100 * standardError).toFixed(2),
  ]);
  return markdownTable(["B", "runs", "test error against uniform sampling, points", "standard error"], rows);
}

/** How well each kind of emulator predicts what it has not seen. */
export function emulatorTable(table: Table): string {
  const last = table.points - 1;
  const middle = table.epochs.findIndex((epoch) => epoch * 3 >= table.epochs.at(-1)!);
  const outputs: [string, Output][] = [
    [`validation error, epoch ${table.epochs[0]}`, { kind: "error", at: 0 }],
    [`validation error, epoch ${table.epochs[middle]}`, { kind: "error", at: middle }],
    [`validation error, epoch ${table.epochs[last]}`, { kind: "error", at: last }],
    [`test error, epoch ${table.epochs[last]}`, { kind: "test" }],
    [`seconds, epoch ${table.epochs[last]} (errors relative)`, { kind: "cost", at: last }],
  ];
  const titles = { gp: "Gaussian process", forest: "random forest" } as const;
  const row = (title: string, kind: string, output: Output, { rmse, noise, r2, spearman, coverage }: Quality) => {
    const digits = output.kind === "cost" ? 1 : 2;
    return [title, kind, percent(rmse, digits), percent(noise, digits), r2, spearman, percent(coverage, 0)];
  };
  return markdownTable(
    ["output", "model", "root-mean-square error", "noise, from repeats", "R²", "Spearman", "95% intervals cover"],
    outputs.flatMap(([title, output]) =>
      regressionNames.map((name) => row(title, titles[name], output, crossValidate(table, name, output))),
    ),
  );
}

type Studies = readonly (readonly [Method, readonly StudyRecord[]])[];

/** How the methods stand, in the order of the registry. */
export function standingsTable(studies: Studies, checkpoints: readonly number[], reference: string): string {
  const recorded = new Map(studies.filter(([, own]) => own.length > 0).map(([{ name }, own]) => [name, own]));
  const options = { checkpoints, reference, yardstick: "random" };
  const byUniform = standings(recorded, { ...options, judge: "uniform" });
  const byTarget = standings(recorded, { ...options, judge: "target" });
  const title = (name: string) => studies.find(([method]) => method.name === name)![0].title;
  const range = ({ interval: [low, high] }: Standing) => `${percent(low)} to ${percent(high)}`;
  return markdownTable(
    [
      "method",
      "seeds",
      "error, mean",
      "95%",
      "worst",
      "the same trained at B = 16b, mean",
      "worst",
      "rank",
      "cost to random search's error",
      "p against ours",
      "trials",
      "seconds a suggestion",
    ],
    byUniform.map((standing, i) => {
      const own = recorded.get(standing.method)!;
      return [
        title(standing.method),
        standing.seeds,
        percent(standing.mean),
        range(standing),
        percent(standing.worst),
        percent(byTarget[i]!.mean),
        percent(byTarget[i]!.worst),
        standing.rank,
        standing.reached ?? "not reached",
        standing.method === reference ? "" : standing.pairs < 2 ? "–" : standing.p,
        Math.round(median(own.map(({ cost }) => cost.length))),
        median(own.map(({ suggestionSeconds }) => suggestionSeconds)),
      ];
    }),
  );
}

/** At the paper's scale. */
const paper = {
  /** Multiplications and additions of ResNet-56's forward pass on a 32 × 32 image, each an operation (He et al. 2016: 125.75 million pairs). */
  forward: 2 * 125.75e6,
  /** Forward and backward, in forward passes. */
  passes: 3,
  examples: 45_000,
  epochs: 200,
};

/** Operations of one training of ResNet-56 by uniform sampling. */
export const paperOperations = paper.forward * paper.passes * paper.examples * paper.epochs;

/** The optimizer's own time next to a training's at the paper's scale, for GPUs of several speeds. */
export function overheadTable(suggestionSeconds: number): string {
  const rows = [2e12, 5e12, 20e12, 50e12].map((speed) => {
    const seconds = paperOperations / speed;
    return [
      `${speed / 1e12} × 10¹²`,
      Math.round(seconds),
      percent(suggestionSeconds / seconds, 3),
      percent(1.2 / seconds, 3),
      percent(3.4 / seconds, 3),
    ];
  });
  return markdownTable(
    [
      "operations per second in training",
      "seconds of a training",
      `${suggestionSeconds.toPrecision(2)} s, measured in these studies`,
      "1.2 s, 300 trials",
      "3.4 s, 1,000 trials",
    ],
    rows,
  );
}
