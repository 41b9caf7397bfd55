import { switchThreshold } from "@superbatch/is-sgd";
import type { Table } from "../emulator/table.ts";
import { type Cell, sameCell } from "../recorded/design.ts";
import { median } from "../timing.ts";
import { markdownTable, percent } from "./markdown.ts";

/** What steps are drawn from. */
export interface Draws {
  /** B. */
  readonly superBatchSize: number;
  /** b. */
  readonly batchSize: number;
  /** N, of which super-batches are drawn without replacement; `Infinity` of a stream of fresh examples. */
  readonly examples: number;
}

/**
 * Variance of an importance-sampled step's gradient, over that of a single example's, where the examples' gradients cancel but for noise and scores are their
 * norms. By the law of total variance it is what is left within a super-batch, (1/τ² − v) / b, and what super-batches differ by, v = (N − B) / (N − 1) / B.
 * The τ of a super-batch's scores compares second moments within it, 1/τ² = (mean ‖g‖)² / mean ‖g‖², and tells nothing of v.
 *
 * @param tau - in [1, v^(−1/2)], at most √B where N is infinite
 */
export function importanceVariance(tau: number, draws: Draws): number {
  const between = betweenSuperBatches(draws);
  return (1 / tau ** 2 - between) / draws.batchSize + between;
}

/**
 * The τ from which on an importance-sampled step has a variance lower than uniform ones by the factor of its cost: below it a larger uniform batch is the better use
 * of the cost, even where a batch is worth its size in full.
 *
 * @param cost - of the step in uniform ones. @default by operations, {@link switchThreshold}
 * @returns Infinity where that is never so
 */
export function breakEvenTau(draws: Draws, cost = switchThreshold(draws.superBatchSize, draws.batchSize)): number {
  const { batchSize: b, examples } = draws;
  const uniform = ratio(examples - b, examples - 1);
  const left = uniform / cost - (b - 1) * betweenSuperBatches(draws);
  return left > 0 ? 1 / Math.sqrt(left) : Number.POSITIVE_INFINITY;
}

/** How many times its cost an importance-sampled step from fresh examples is worth at most: its variance is no lower than that of the super-batch's mean. */
export function largestGain({ superBatchSize, batchSize }: Omit<Draws, "examples">): number {
  return superBatchSize / batchSize / switchThreshold(superBatchSize, batchSize);
}

function betweenSuperBatches({ superBatchSize, examples }: Draws): number {
  return ratio(examples - superBatchSize, examples - 1) / superBatchSize;
}

/** Of two numbers that may be infinite together. */
function ratio(part: number, whole: number): number {
  return whole === Number.POSITIVE_INFINITY ? 1 : part / whole;
}

/** What one recorded benchmark tells: its name, and its trainings. */
export type Recorded = readonly [name: string, table: Table];

/** Where importance sampling could pay, by operations and by the cost that studies pay, and how often the recorded runs that always sample by it were there. */
export function breakEvenTable(recorded: readonly [Recorded, ...Recorded[]]): string {
  const { batchSize, trainExamples, levels } = recorded[0][1].problem;
  const examples = trainExamples === "all" ? Number.POSITIVE_INFINITY : trainExamples;
  const rows = levels.map((level) => {
    const sizes = { superBatchSize: level * batchSize, batchSize };
    const here = breakEvenTau({ ...sizes, examples });
    const measured = recorded.flatMap(([, table]) => {
      const cost = measuredCost(table, level);
      const tau = breakEvenTau({ ...sizes, examples }, cost);
      return [cost, tau, percent(shareAbove(table, level, here), 0), percent(shareAbove(table, level, tau), 0)];
    });
    const fresh = breakEvenTau({ ...sizes, examples: Number.POSITIVE_INFINITY });
    return [
      `${level}b`,
      switchThreshold(sizes.superBatchSize, batchSize),
      largestGain(sizes),
      fresh,
      here,
      ...measured,
    ];
  });
  return markdownTable(
    [
      "B",
      "cost of a step = τ of the published switch",
      "worth at most",
      "break-even τ, fresh examples",
      `of ${trainExamples} examples`,
      ...recorded.flatMap(([name]) => [
        `${name}: measured cost`,
        "break-even τ by it",
        "evaluations above the τ by operations",
        "by measured cost",
      ]),
    ],
    rows,
  );
}

/** Of a training by importance sampling in every step, in uniform ones: of medians, evaluations left out. */
function measuredCost(table: Table, level: number): number {
  const costs = table.values({ kind: "cost", at: table.points - 1 });
  const of = (cell: Cell) => {
    const own = [...costs].filter((_, i) => sameCell(table.runs[i]!, cell) && table.runs[i]!.ending === "finished");
    return own.length > 0 ? median(own) : Number.NaN;
  };
  return Math.exp(of({ family: "always", level }) - of({ family: "uniform", level: 1 }));
}

function shareAbove({ runs }: Table, level: number, tau: number): number {
  const taus = runs.filter((run) => run.family === "always" && run.level === level).flatMap((run) => run.tau);
  return taus.filter((each) => each > tau).length / taus.length;
}
