import type { Effect } from "../emulator/effect.ts";
import { type RegressionName, regressionNames } from "../emulator/model.ts";
import { type Output, sigmoid, type Table } from "../emulator/table.ts";
import { judge, type LeftOut } from "../emulator/validate.ts";
import { distinctCells, sameCell } from "../recorded/design.ts";
import { median } from "../timing.ts";
import { markdownTable, percent, points } from "./markdown.ts";

const familyTitles = {
  uniform: "uniform",
  published: "by importance, published switch",
  always: "by importance, always",
  share: "share of the data, uniform",
} as const;

/** What was recorded, cell by cell. */
export function recordedTable({ problem, runs, guessing }: Table): string {
  const rows = distinctCells(problem).map((cell) => {
    const own = runs.filter((run) => sameCell(run, cell));
    const errors = own.map(({ error }) => error.at(-1) ?? guessing);
    const on = own.filter(({ importance }) => (importance.at(-1) ?? 0) > 0).length;
    const sampled = own.map(({ importance, steps }) => (importance.at(-1) ?? 0) / steps);
    const taus = own.map(({ largestTau }) => largestTau);
    const relative = own.map(({ spent, gradient }) => (spent.at(-1) ?? Number.NaN) / gradient);
    return [
      familyTitles[cell.family],
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
      "runs with any step by importance",
      "steps by importance",
      "a run's largest τ, median",
      "of all runs",
      "cost in gradient steps",
    ],
    rows,
  );
}

/** What importance sampling in every step did at equal hyperparameters. */
export function effectTable(effects: readonly Effect[]): string {
  const rows = effects.map(({ level, runs, difference, standardError }) => [
    `${level}b`,
    runs,
    points(difference, { digits: 2, signed: true }),
    points(standardError, { digits: 2 }),
  ]);
  return markdownTable(["B", "runs", "test error against uniform sampling, points", "standard error"], rows);
}

/** Errors this near the lowest prediction: where studies end, and methods are told apart. */
export const floorMargin = 0.04;

/** Each kind of emulator's predictions of what it has not seen: to make them takes seconds. */
export type LeftOutOf = (name: RegressionName, output: Output) => LeftOut;

/** How well each kind of emulator predicts what it has not seen: all runs, and those that it takes for nearly the best. */
export function emulatorTable(table: Table, leftOut: LeftOutOf): string {
  const last = table.points - 1;
  const middle = table.epochs.findIndex((epoch) => epoch * 3 >= table.epochs.at(-1)!);
  const outputs: [string, Output][] = [
    [`validation error, epoch ${table.epochs[0]}`, { kind: "error", at: 0 }],
    [`validation error, epoch ${table.epochs[middle]}`, { kind: "error", at: middle }],
    [`validation and test error together, epoch ${table.epochs[last]}`, { kind: "final" }],
    [`seconds, epoch ${table.epochs[last]} (errors relative)`, { kind: "cost", at: last }],
  ];
  return markdownTable(
    [
      "output",
      "model",
      "root-mean-square error",
      "noise, from repeats",
      "R²",
      "Spearman",
      "95% intervals cover",
      `runs predicted within ${points(floorMargin, { digits: 0 })} points of the lowest`,
      "their root-mean-square error",
      "noise",
      "Spearman",
    ],
    outputs.flatMap(([title, output]) =>
      regressionNames.map((name) => qualityRow(table, title, name, output, leftOut(name, output))),
    ),
  );
}

const regressionTitles = { gp: "Gaussian process", forest: "random forest" } as const;

function qualityRow(
  table: Table,
  title: string,
  name: RegressionName,
  output: Output,
  left: LeftOut,
): (string | number)[] {
  const { predicted } = left;
  const all = judge(table, output, left);
  const digits = output.kind === "cost" ? 1 : 2;
  const cells = [
    title,
    regressionTitles[name],
    percent(all.rmse, digits),
    percent(all.noise, digits),
    all.r2,
    all.spearman,
    percent(all.coverage, 0),
  ];
  if (output.kind === "cost") return [...cells, "", "", "", ""];
  const floor = sigmoid(predicted.reduce((a, b) => Math.min(a, b))) + floorMargin;
  const near = judge(table, output, left, (run) => sigmoid(predicted[run]!) <= floor);
  return [...cells, near.runs, percent(near.rmse, digits), percent(near.noise, digits), near.spearman];
}
