import { markdownTable, percent } from "./markdown.ts";

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
const paperOperations = paper.forward * paper.passes * paper.examples * paper.epochs;

/** Operations per second that GPUs make of such a training, ascending: what they make of their peak in so small a network differs much. */
export const paperSpeeds: readonly number[] = [2e12, 5e12, 20e12, 50e12];

/** Seconds of the slowest suggestion with 300 results, hyperparameters inferred anew: docs/benchmarks.md, `suggest`, on the slowest of the machines there. */
const slowest = 4.2;

/** Operations per second in training above which suggestions that take so long are more than a share of its cost. */
export function overheadLimit(suggestionSeconds: number, share: number): number {
  return (share * paperOperations) / suggestionSeconds;
}

/** The optimizer's own time next to a training's at the paper's scale, for GPUs of several speeds. */
export function overheadTable(suggestionSeconds: number): string {
  const columns = [
    { title: `${suggestionSeconds.toPrecision(2)} s, median in these studies`, seconds: suggestionSeconds },
    { title: `${slowest} s, the slowest with 300 results`, seconds: slowest },
  ];
  const rows = paperSpeeds.map((speed) => {
    const training = paperOperations / speed;
    return [
      `${speed / 1e12} × 10¹²`,
      Math.round(training),
      ...columns.map(({ seconds }) => percent(seconds / training, 2)),
    ];
  });
  return markdownTable(
    ["operations per second in training", "seconds of a training", ...columns.map(({ title }) => title)],
    rows,
  );
}
