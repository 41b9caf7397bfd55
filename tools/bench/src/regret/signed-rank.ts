/**
 * Wilcoxon's signed-rank test of paired values, two-sided: how likely differences as one-sided as these are if both come from the same distribution. Exact, by
 * counting the sums of ranks over all signs; equal pairs are left away, ties share their mean rank.
 *
 * @returns p; 1 if all pairs are equal
 */
export function signedRankTest(a: readonly number[], b: readonly number[]): number {
  const differences = a.map((value, i) => value - b[i]!).filter((difference) => difference !== 0);
  const sizes = differences.map(Math.abs).sort((x, y) => x - y);
  // Twice the mean rank: a whole number.
  const rank = (size: number) => sizes.indexOf(size) + sizes.lastIndexOf(size) + 2;
  const ranks = differences.map((difference) => rank(Math.abs(difference)));
  const total = ranks.reduce((sum, each) => sum + each, 0);
  const positive = ranks.reduce((sum, each, i) => (differences[i]! > 0 ? sum + each : sum), 0);

  // probability[w]: that the ranks with a positive sign sum to w, each sign being even.
  let probability = new Float64Array(total + 1);
  probability[0] = 1;
  for (const each of ranks) probability = probability.map((p, w) => (p + (probability[w - each] ?? 0)) / 2);
  const extreme = Math.min(positive, total - positive);
  return Math.min(1, 2 * probability.subarray(0, extreme + 1).reduce((sum, p) => sum + p, 0));
}
