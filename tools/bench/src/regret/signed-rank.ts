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
  const extreme = Math.min(positive, total - positive);
  return Math.min(
    1,
    2 *
      sumsOfSigned(ranks)
        .subarray(0, extreme + 1)
        .reduce((sum, p) => sum + p, 0),
  );
}

/** The center of differences and how far it may be off. */
export interface Shift {
  readonly estimate: number;
  /** At least 95%: unbounded for fewer than six differences, of which no outcome is that rare. */
  readonly interval: readonly [number, number];
}

/**
 * Hodges and Lehmann's estimate of the center of differences, the median of the means of all pairs of them, with the interval that goes with {@link signedRankTest}: the centers that it would not refuse.
 *
 * @throws {RangeError} without differences
 */
export function signedRankShift(differences: readonly number[]): Shift {
  if (differences.length === 0) throw new RangeError("no differences");
  const means = differences.flatMap((a, i) => differences.slice(i).map((b) => (a + b) / 2)).sort((a, b) => a - b);
  const middle = means.length >> 1;
  const estimate = means.length % 2 === 1 ? means[middle]! : (means[middle - 1]! + means[middle]!) / 2;
  const probability = sumsOfSigned(differences.map((_, i) => i + 1));
  // Number of the mean that bounds the interval, from either end; those beyond it are the outcomes that are rare enough to be cut off.
  let cut = 0;
  for (let tail = probability[0]!; tail <= 0.025; tail += probability[++cut]!);
  const interval =
    cut === 0 ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [means[cut - 1]!, means.at(-cut)!];
  return { estimate, interval: interval as [number, number] };
}

/** Probability of each sum of the ranks with a positive sign, each sign being even. */
function sumsOfSigned(ranks: readonly number[]): Float64Array {
  let probability = new Float64Array(ranks.reduce((sum, each) => sum + each, 0) + 1);
  probability[0] = 1;
  for (const each of ranks) probability = probability.map((p, w) => (p + (probability[w - each] ?? 0)) / 2);
  return probability;
}

/** Holm's correction of several tests' p for their number: any of them below 0.05 is then there by chance in at most a twentieth of the cases. */
export function holm(p: readonly number[]): number[] {
  const order = [...p.keys()].sort((a, b) => p[a]! - p[b]!);
  const corrected = [...p];
  let largest = 0;
  for (const [k, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - k) * p[i]!));
    corrected[i] = largest;
  }
  return corrected;
}
