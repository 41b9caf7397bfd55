import { medianOf } from "./median.ts";
import type { PriorData } from "./study-data.ts";

/**
 * An earlier study's values at this study's level: another data set or metric shifts all of them alike, and the model's tasks share their mean. The shift is
 * the median, over this study's results, of the difference to the earlier result at the nearest point; 0 before the first result.
 *
 * @param own - this study's results.
 */
export function alignedValues(prior: PriorData, own: PriorData): Float64Array {
  if (own.x.length === 0) return prior.y;
  const shift = medianOf(own.x.map((row, i) => own.y[i]! - prior.y[nearest(row, prior.x)]!));
  return prior.y.map((value) => value + shift);
}

/** Columns that are inactive in one of the two are as far apart as columns can be. */
function nearest(row: Float64Array, rows: readonly Float64Array[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  rows.forEach((other, i) => {
    const distance = other.reduce((sum, value, d) => {
      const gap = Math.abs(value - row[d]!);
      return sum + (Number.isNaN(gap) ? Number(Number.isNaN(value) !== Number.isNaN(row[d]!)) : Math.min(1, gap) ** 2);
    }, 0);
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}
