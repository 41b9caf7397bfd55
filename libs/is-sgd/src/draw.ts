import type { Rng } from "@superbatch/random";

/**
 * Draws positions with replacement by their probabilities: inversion of the cumulative sums with a guide table (Chen & Asau 1974), O(n + count) with
 * few operations each, which for count < n beats an alias table, since each super-batch is drawn from once.
 *
 * A position of probability 0 is never drawn, so no infinite weight arises.
 *
 * @param g - n probabilities (any non-negative masses with a positive, finite sum)
 * @param count - number of draws
 * @param rng - consumed by exactly `count` uniforms
 * @returns count positions in [0, n), in the order drawn
 */
export function drawPositions(g: Float64Array, count: number, rng: Rng): Uint32Array {
  const n = g.length;
  if (sumsKept.length < n) sumsKept = new Float64Array(2 * n);
  const sums = sumsKept;
  let total = 0;
  let last = -1;
  for (let i = 0; i < n; i++) {
    total += g[i];
    sums[i] = total;
    if (g[i] > 0) last = i;
  }
  if (last < 0 || !Number.isFinite(total)) throw new RangeError("probabilities must have a positive, finite sum");
  const cells = Math.min(n, 2 * count);
  const guide = guideTo(sums, cells, total / cells, last);
  const positions = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    const u = rng.uniform();
    const target = u * total;
    // First position whose sum exceeds the target; one of mass 0 repeats its predecessor's sum and is passed over. The guide leads near it, and
    // rounding at the border of a cell is mended by looking beyond.
    const cell = Math.floor(u * cells);
    let low = guide[cell];
    while (low > 0 && sums[low - 1] > target) low--;
    let high = guide[cell + 1];
    while (high < last && sums[high] <= target) high++;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle] > target) high = middle;
      else low = middle + 1;
    }
    positions[k] = low;
  }
  return positions;
}

/** guide[j], j = 0 … cells: first position whose sum exceeds j · width, at most `last`. */
function guideTo(sums: Float64Array, cells: number, width: number, last: number): Uint32Array {
  if (guideKept.length < cells + 1) guideKept = new Uint32Array(2 * cells + 1);
  const guide = guideKept;
  let position = 0;
  for (let j = 0; j < cells; j++) {
    const start = j * width;
    while (position < last && sums[position] <= start) position++;
    guide[j] = position;
  }
  guide[cells] = last;
  return guide;
}

// Cumulative sums and guide of the draw that is being made; kept, because allocating them would cost as much as filling them.
let sumsKept = new Float64Array(0);
let guideKept = new Uint32Array(0);
