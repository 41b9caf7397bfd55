import type { Rng } from "@superbatch/random";

/**
 * Draws positions with replacement by their probabilities, by bisection in the cumulative sums: O(n + count · log n), which for
 * count ≪ n beats an alias table, since each super-batch is drawn from once.
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
  const cumulative = new Float64Array(n);
  let total = 0;
  let last = -1;
  for (let i = 0; i < n; i++) {
    total += g[i];
    cumulative[i] = total;
    if (g[i] > 0) last = i;
  }
  if (last < 0 || !Number.isFinite(total)) throw new RangeError("probabilities must have a positive, finite sum");
  const positions = new Uint32Array(count);
  for (let k = 0; k < count; k++) {
    const target = rng.uniform() * total;
    // First position whose cumulative sum exceeds the target; one of mass 0 repeats its predecessor's sum and is passed over.
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    positions[k] = low;
  }
  return positions;
}
