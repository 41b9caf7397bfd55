import { effectOfImportance } from "../emulator/effect.ts";
import { createTable, type Table } from "../emulator/table.ts";
import { readJsonLines } from "../json-lines.ts";
import { keyOf } from "../recorded/design.ts";
import { type RunRecord, recordsFile } from "../recorded/records.ts";
import { meanOf, varianceOf } from "../regret/summary.ts";
import { median } from "../timing.ts";
import { markdownTable, percent, points } from "./markdown.ts";

/** What normalizes an importance-sampled batch; `control`: as now, but each batch is drawn uniformly from its super-batch. */
const variants = {
  own: "the batch's own statistics, as published",
  weighted: "its statistics weighted as the gradient is",
  superBatch: "the super-batch's statistics",
  control: "the super-batch's statistics, but drawn uniformly",
} as const;

/** A run that was trained once, by sources that are no more. */
interface VariantRun extends RunRecord {
  readonly variant: Exclude<keyof typeof variants, "superBatch">;
}

/**
 * Equal trainings with other batch norm, on the digits: the runs in which every step is sampled by importance. The others are common to all, and tell what uniform sampling
 * would have come to.
 */
export function batchNormTable({ problem, runs, guessing }: Table): string {
  const others = readJsonLines<VariantRun>(recordsFile("digits-batch-norm"));
  const common = runs.filter(({ family }) => family !== "always");
  const now = runs.filter(({ family }) => family === "always");
  const keys = new Set(now.map(keyOf));
  const rows = Object.entries(variants).flatMap(([variant, title]) => {
    const own =
      variant === "superBatch" ? now : others.filter((run) => run.variant === variant && keys.has(keyOf(run)));
    if (own.length === 0) return [];
    const errors = own.map(({ testError }) => testError ?? guessing);
    const effects = effectOfImportance(createTable(problem, [...common, ...own]));
    return [
      [
        title,
        own.length,
        percent(Math.min(...errors)),
        percent(median(errors)),
        percent(meanOf(errors)),
        ...effects.map(
          ({ difference, standardError }) => `${points(difference, { signed: true })} ± ${points(standardError)}`,
        ),
      ],
    ];
  });
  const table = markdownTable(
    [
      "an importance-sampled batch is normalized by",
      "runs",
      "lowest test error",
      "median",
      "mean",
      ...problem.levels.map((level) => `${level}b against uniform`),
    ],
    rows,
  );
  return `${table}\n\n${pairedEffect(
    now,
    others.filter(({ variant }) => variant === "control"),
    guessing,
  )}`;
}

/** What sampling by importance does, run by run, where all else is equal. */
function pairedEffect(now: readonly RunRecord[], control: readonly RunRecord[], guessing: number): string {
  const uniform = new Map(control.map((run) => [keyOf(run), run]));
  const differences = now.flatMap((run) => {
    const other = uniform.get(keyOf(run));
    return other ? [(run.testError ?? guessing) - (other.testError ?? guessing)] : [];
  });
  const error = Math.sqrt(varianceOf(differences) / differences.length);
  return [
    `Run by run, test errors by importance differ from those by uniform draws from the same super-batches, normalized alike, by ${points(meanOf(differences), { digits: 2 })} ±`,
    `${points(error, { digits: 2 })} points in the mean of ${differences.length}.`,
  ].join(" ");
}
