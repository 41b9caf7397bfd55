/** Probability from which on an x counts as acceptable: that it keeps the outcome constraints is then more likely than not. */
export const leastProbability = 0.5;

/** 1/φ: its multiples modulo 1 are spread evenly, however many are taken. */
const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * Which points are acceptable in each of many joint samples, so that x* is the best *acceptable* x in each: those whose probability is at least u_s times
 * the largest, u_s spread evenly over (0, 1). So a point is acceptable in a share of the samples that is its probability over the largest, each
 * sample has an acceptable point, and acceptable points are nested: what is acceptable where much is not is what is most probably so. (Independent
 * draws for each point would let the best of many improbable ones be the minimizer nearly always.)
 *
 * @param probability - of each point.
 */
export function acceptableIn(probability: Float64Array): (point: number, sample: number) => boolean {
  const largest = Math.max(...probability);
  return (point, sample) => probability[point] >= (((sample + 0.5) * goldenRatio) % 1) * largest;
}

/**
 * Those of the points that are acceptable, in their order.
 *
 * @param probability - of each point. Absent: all are.
 * @param atLeastOne - whether the most probable one is acceptable where none is. @default true
 */
export function onlyAcceptable(
  points: readonly Float64Array[],
  probability: Float64Array | undefined,
  { atLeastOne = true } = {},
): readonly Float64Array[] {
  if (!probability || points.length === 0) return points;
  const acceptable = points.filter((_, i) => probability[i] >= leastProbability);
  if (acceptable.length > 0 || !atLeastOne) return acceptable;
  return [points[probability.indexOf(Math.max(...probability))]];
}
