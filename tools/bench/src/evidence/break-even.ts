import { switchThreshold } from "@superbatch/is-sgd";
import type { RecordedProblem } from "../recorded/problem.ts";
import type { RunRecord } from "../recorded/records.ts";
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
 * The τ from which on an importance-sampled step, which costs as much as {@link switchThreshold} uniform ones, has a variance lower than theirs by that factor: below it
 * a larger uniform batch is the better use of the cost, even where a batch is worth its size in full.
 *
 * @returns Infinity where that is never so
 */
export function breakEvenTau(draws: Draws): number {
  const { batchSize: b, examples, superBatchSize } = draws;
  const uniform = ratio(examples - b, examples - 1);
  const left = uniform / switchThreshold(superBatchSize, b) - (b - 1) * betweenSuperBatches(draws);
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

/** Where importance sampling could pay, and how often the recorded runs that always sample by it were there. */
export function breakEvenTable(
  { batchSize, trainExamples, levels }: RecordedProblem,
  recorded: readonly (readonly [name: string, runs: readonly RunRecord[]])[],
): string {
  const examples = trainExamples === "all" ? Number.POSITIVE_INFINITY : trainExamples;
  const rows = levels.map((level) => {
    const sizes = { superBatchSize: level * batchSize, batchSize };
    const here = breakEvenTau({ ...sizes, examples });
    const shares = recorded.map(([, runs]) => {
      const taus = runs.filter((run) => run.family === "always" && run.level === level).flatMap(({ tau }) => tau);
      return percent(taus.filter((tau) => tau > here).length / taus.length, 0);
    });
    const fresh = breakEvenTau({ ...sizes, examples: Number.POSITIVE_INFINITY });
    return [`${level}b`, largestGain(sizes), switchThreshold(sizes.superBatchSize, batchSize), fresh, here, ...shares];
  });
  return markdownTable(
    [
      "B",
      "worth at most",
      "published switch, τ",
      "break-even τ, fresh examples",
      `of ${trainExamples} examples`,
      ...recorded.map(([name]) => `evaluations above it, ${name}`),
    ],
    rows,
  );
}
