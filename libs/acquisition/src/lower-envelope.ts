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
 * there, the search for the next one stops as soon as none further up could cut in before the best found: for most samples that is
 * after a line or two.
 *
 * @param slopes - b by line.
 * @param minSlope - the smallest and
 * @param maxSlope - the largest of the slopes.
 * @returns the line that is the minimum right of all breakpoints.
 */
export function lowerEnvelope(
  sorted: SortedLines,
  slopes: Float64Array,
  minSlope: number,
  maxSlope: number,
  reach: number,
  out: EnvelopeBuffer,
): number {
  out.count = 0;
  walk(sorted, slopes, 1, minSlope, reach, out);
  const rightmost = out.count > 0 ? out.right[out.count - 1] : sorted.order[sorted.offset];
  walk(sorted, slopes, -1, -maxSlope, reach, out);
  return rightmost;
}

/** Rightward (direction 1) the minimum passes to ever smaller slopes, leftward (−1) to ever larger ones. */
function walk(
  { values, order, offset, lines }: SortedLines,
  slopes: Float64Array,
  direction: 1 | -1,
  leastSlope: number,
  reach: number,
  out: EnvelopeBuffer,
): void {
  let current = order[offset];
  let value = values[offset];
  const end = offset + lines;
  for (;;) {
    const slope = direction * slopes[current];
    const room = slope - leastSlope;
    if (!(room > 0)) return;
    let distance = reach;
    let next = -1;
    let nextValue = 0;
    for (let k = offset; k < end; k++) {
      const gap = values[k] - value;
      if (gap >= distance * room) break;
      const drop = slope - direction * slopes[order[k]];
      if (drop > 0 && gap < distance * drop) {
        distance = gap / drop;
        next = order[k];
        nextValue = values[k];
      }
    }
    if (next < 0) return;
    out.place[out.count] = direction * distance;
    out.left[out.count] = direction > 0 ? current : next;
    out.right[out.count++] = direction > 0 ? next : current;
    current = next;
    value = nextValue;
  }
}
