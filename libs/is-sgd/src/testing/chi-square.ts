import { normalCdf } from "@superbatch/random";

/**
 * Probability that a chi-square statistic of these counts is at least as large by chance (upper tail), by the Wilson–Hilferty approximation: good to
 * about 1e-3, enough to tell a wrong distribution at fixed seeds.
 *
 * @param counts - observed number per cell
 * @param expected - expected number per cell, each above 0
 */
export function chiSquareTail(counts: ArrayLike<number>, expected: ArrayLike<number>): number {
  let statistic = 0;
  for (let i = 0; i < counts.length; i++) statistic += (counts[i] - expected[i]) ** 2 / expected[i];
  const freedom = counts.length - 1;
  const spread = 2 / (9 * freedom);
  const z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread);
  return normalCdf(-z);
}
