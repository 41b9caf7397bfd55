/**
 * Where the minimum of lines f_r + b_r δ passes from one line to another: the lower envelope. An observation at a candidate moves all representers
 * along such lines, so who is the minimizer for *any* outcome follows from a handful of breakpoints.
 */
export interface EnvelopeBuffer {
  /** Number of breakpoints found. */
  count: number;
  /** Places δ of the breakpoints: those right of 0 ascending, then those left of 0 descending. */
  readonly place: Float64Array;
  /** Line that is the minimum just left of each breakpoint. */
  readonly left: Int32Array;
  /** Line that is the minimum just right of each breakpoint. */
  readonly right: Int32Array;
}

/** @param lines - the most lines that will be given: an envelope of R lines has at most R − 1 breakpoints. */
export function createEnvelopeBuffer(lines: number): EnvelopeBuffer {
  return {
    count: 0,
    place: new Float64Array(lines),
    left: new Int32Array(lines),
    right: new Int32Array(lines),
  };
}

/** Lines in the order in which they lie at δ = 0. */
export interface SortedLines {
  /** Values f at δ = 0, ascending from `offset`. */
  readonly values: Float64Array;
  /** Which line each value belongs to, from `offset`. */
  readonly order: Int32Array;
  readonly offset: number;
  /** Number of lines, at least 1. */
  readonly lines: number;
}

/**
 * Finds the envelope's breakpoints with |δ| < `reach`, walking right and left from the minimum at δ = 0. As lines come sorted by their value
 * there, the search for the next one stops as soon as none further up could cut in before the best found, and the search after that
 * goes on behind it: a line that is lower at 0 and falls faster would have cut in before.
 *
 * @param slopes - b by line.
 * @param minSlope - the smallest and
 * @param maxSlope - the largest of the slopes.
 * @returns the line that is the minimum right of all breakpoints.
 */
export function lowerEnvelope(
  { values, order, offset, lines }: SortedLines,
  slopes: Float64Array,
  minSlope: number,
  maxSlope: number,
  reach: number,
  out: EnvelopeBuffer,
): number {
  const end = offset + lines;
  const first = order[offset];
  const lowest = values[offset];
  const slope = slopes[first];
  const roomRight = slope - minSlope;
  const roomLeft = maxSlope - slope;
  let distanceRight = reach;
  let distanceLeft = reach;
  let right = -1;
  let left = -1;
  // The first steps of both walks look at the same lines: one pass for both.
  let limit = reach * Math.max(roomRight, roomLeft);
  for (let k = offset + 1; k < end; k++) {
    const gap = values[k] - lowest;
    if (gap >= limit) break;
    const drop = slope - slopes[order[k]];
    if (drop > 0) {
      if (gap >= distanceRight * drop) continue;
      distanceRight = gap / drop;
      right = k;
    } else {
      if (gap >= distanceLeft * -drop) continue;
      distanceLeft = gap / -drop;
      left = k;
    }
    const mostRight = distanceRight * roomRight;
    const mostLeft = distanceLeft * roomLeft;
    limit = Math.max(mostRight, mostLeft);
  }

  out.count = 0;
  // Rightward the minimum passes to ever smaller slopes, leftward to ever larger ones.
  if (right >= 0) walk(values, order, first, right, end, slopes, 1, distanceRight, reach, minSlope, out);
  const rightmost = out.count > 0 ? out.right[out.count - 1] : first;
  if (left >= 0) walk(values, order, first, left, end, slopes, -1, distanceLeft, reach, -maxSlope, out);
  return rightmost;
}

/**
 * Goes on from the first crossing, of lines `first` and that at `step`, at so far from 0. Not a closure: this is the innermost loop of all.
 *
 * @param leastSlope - in this direction.
 */
function walk(
  values: Float64Array,
  order: Int32Array,
  first: number,
  step: number,
  end: number,
  slopes: Float64Array,
  direction: 1 | -1,
  distance: number,
  reach: number,
  leastSlope: number,
  out: EnvelopeBuffer,
): void {
  let current = first;
  let place = distance;
  for (let found = step; found >= 0; ) {
    const next = order[found];
    out.place[out.count] = direction * place;
    out.left[out.count] = direction > 0 ? current : next;
    out.right[out.count++] = direction > 0 ? next : current;
    current = next;
    const value = values[found];
    const from = direction * slopes[current];
    const room = from - leastSlope;
    const start = found + 1;
    place = reach;
    found = -1;
    for (let k = start; k < end; k++) {
      const gap = values[k] - value;
      if (gap >= place * room) break;
      const drop = from - direction * slopes[order[k]];
      if (gap < place * drop) {
        place = gap / drop;
        found = k;
      }
    }
  }
}
