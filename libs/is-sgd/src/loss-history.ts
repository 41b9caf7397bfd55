import type { Rng } from "@superbatch/random";
import { indexAt } from "./membership.ts";
import type { Shard } from "./spec.ts";

/**
 * The last known loss of every example, from which whole mini-batches are drawn without scoring anything in addition (after Loshchilov & Hutter 2016,
 * "Online batch selection"; the fading is ours).
 *
 * A recorded loss l_i goes stale: its score fades from l_i to the mean loss μ as s_i(t) = μ + (l_i − μ) exp(−(t − r_i)/T), with r_i the step of the record.
 * An example without a record has s_i = μ. A share λ of draws is uniform: p_i = (1 − λ) s_i / S + λ / N, so weights 1 / (N p_i) stay at most 1/λ.
 *
 * Because fading is a common factor exp(−t/T) on Σ l_i exp(r_i/T) and Σ exp(r_i/T), two trees of sums suffice and nothing is touched as time passes. Leaves of the
 * trees are blocks of 32 examples: 8 bytes per example, and at most 4 for the trees. Draw and update cost O(log N).
 */
export interface LossHistory {
  /** Records losses seen at `step`; of a repeated index the last counts. Also moves the mean loss μ. */
  record(indices: ArrayLike<number>, losses: ArrayLike<number>, weights: ArrayLike<number>, step: number): void;
  /** Draws `count` examples of the ranges at `step`, with replacement, and their probabilities among the ranges. */
  draw(count: number, step: number, ranges: readonly Shard[], rng: Rng): { indices: Uint32Array; p: Float64Array };
  /** Probability of an example at `step` among the ranges. O(log N + 32 · ranges). */
  probability(index: number, step: number, ranges: readonly Shard[]): number;
  /** Mean loss μ; 0 before the first record. */
  mean(): number;
  /** Puts back records of steps below `end` (from workers that kept them) and sets μ, so that draws go on exactly. Older records never replace newer ones. */
  restore(records: HistoryRecords | undefined, mean: number, end: number): void;
  /** A copy of all records, for {@link restore}: 12 bytes for each example that has one. */
  records(): HistoryRecords;
  /** Bytes held by records and trees. */
  readonly bytes: number;
}

/** Recorded losses: `steps[k]` is the step at which `losses[k]` of example `indices[k]` was seen. */
export interface HistoryRecords {
  readonly indices: ArrayLike<number>;
  readonly losses: ArrayLike<number>;
  readonly steps: ArrayLike<number>;
}

const blockSize = 32;
/** Exponents exp((r − base)/T) are kept below e^64 by moving the base: one pass over all examples each 64 T steps. */
const basePeriod = 64;

/**
 * @param examples - N
 * @param uniformShare - λ in (0, 1]
 * @param fadingSteps - T, in steps
 * @param smoothing - weight of the past in μ, in [0, 1)
 */
export function createLossHistory(
  examples: number,
  uniformShare: number,
  fadingSteps: number,
  smoothing = 0.9,
): LossHistory {
  const losses = new Float32Array(examples);
  const steps = new Uint32Array(examples); // step of the record + 1; 0: none
  const blocks = Math.ceil(examples / blockSize);
  const leaves = 2 ** Math.ceil(Math.log2(blocks));
  const lossSums = new Float64Array(2 * leaves); // Σ l_i exp((r_i − base)/T); node 1 is the root, leaves follow at `leaves`
  const decaySums = new Float64Array(2 * leaves); // Σ exp((r_i − base)/T)
  let base = 0;
  let mu = 0;

  const decay = (i: number, step: number) => (steps[i] === 0 ? 0 : Math.exp((steps[i] - 1 - step) / fadingSteps));
  const score = (i: number, step: number) => mu + (losses[i] - mu) * decay(i, step);

  function sumBlock(block: number): void {
    let lossSum = 0;
    let decaySum = 0;
    for (let i = block * blockSize; i < Math.min(examples, (block + 1) * blockSize); i++) {
      const factor = decay(i, base);
      lossSum += losses[i] * factor;
      decaySum += factor;
    }
    lossSums[leaves + block] = lossSum;
    decaySums[leaves + block] = decaySum;
  }

  // A parent is summed anew from its children, never changed by a difference: sums are then a function of the records alone,
  // the same on every replica in whatever order they came.
  function sumParent(node: number): void {
    lossSums[node] = lossSums[2 * node] + lossSums[2 * node + 1];
    decaySums[node] = decaySums[2 * node] + decaySums[2 * node + 1];
  }

  function sumAll(): void {
    for (let block = 0; block < blocks; block++) sumBlock(block);
    for (let node = leaves - 1; node >= 1; node--) sumParent(node);
  }

  function moveBase(step: number): void {
    const period = Math.ceil(basePeriod * fadingSteps);
    const wanted = Math.floor(step / period) * period;
    if (wanted === base) return;
    base = wanted;
    sumAll();
  }

  /** Σ s_i over the examples below a node that spans `width` blocks from block `first`. */
  function mass(node: number, first: number, width: number, factor: number): number {
    const start = first * blockSize;
    const count = Math.max(0, Math.min(examples, start + width * blockSize) - start);
    return Math.max(0, count * mu + factor * (lossSums[node] - mu * decaySums[node]));
  }

  /** Σ s_i for i < end. */
  function prefix(end: number, step: number, factor: number): number {
    let [node, first, width, sum] = [1, 0, leaves, 0];
    while (node < leaves) {
      width /= 2;
      node *= 2;
      if (end < (first + width) * blockSize) continue;
      sum += mass(node, first, width, factor);
      node++;
      first += width;
    }
    for (let i = first * blockSize; i < end; i++) sum += score(i, step);
    return sum;
  }

  /** The example at which the running sum of scores passes `target`. */
  function find(target: number, step: number, factor: number): number {
    let [node, first, width, rest] = [1, 0, leaves, target];
    while (node < leaves) {
      width /= 2;
      node *= 2;
      const left = mass(node, first, width, factor);
      if (rest < left) continue;
      rest -= left;
      node++;
      first += width;
    }
    const end = Math.min(examples, (first + 1) * blockSize);
    let i = Math.min(first * blockSize, examples - 1);
    while (i < end - 1) {
      rest -= score(i, step);
      if (rest < 0) break;
      i++;
    }
    return i;
  }

  function massesOf(ranges: readonly Shard[], step: number, factor: number) {
    const whole = ranges.length === 1 && ranges[0].start === 0 && ranges[0].end === examples;
    const starts = ranges.map(({ start }) => (start === 0 ? 0 : prefix(start, step, factor)));
    const masses = ranges.map(({ end }, k) =>
      Math.max(0, (whole ? mass(1, 0, leaves, factor) : prefix(end, step, factor)) - starts[k]),
    );
    return { starts, masses, total: masses.reduce((a, b) => a + b, 0) };
  }

  const countOf = (ranges: readonly Shard[]) => ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const mix = (s: number, total: number, count: number) =>
    total > 0 ? ((1 - uniformShare) * s) / total + uniformShare / count : 1 / count;
  const factorAt = (step: number) => Math.exp((base - step) / fadingSteps);

  return {
    record(indices, seen, weights, step) {
      if (indices.length === 0) return;
      moveBase(step);
      const touched = new Set<number>();
      let weighted = 0;
      for (let k = 0; k < indices.length; k++) {
        losses[indices[k]] = seen[k];
        steps[indices[k]] = step + 1;
        weighted += seen[k] * weights[k];
        touched.add(Math.floor(indices[k] / blockSize));
      }
      // Weighted as the gradient is, the batch's mean is an unbiased estimate of the data's.
      const observed = weighted / indices.length;
      mu = mu === 0 ? observed : smoothing * mu + (1 - smoothing) * observed;
      for (const block of touched) sumBlock(block);
      for (const block of touched) for (let node = (leaves + block) >>> 1; node >= 1; node >>>= 1) sumParent(node);
    },
    draw(count, step, ranges, rng) {
      moveBase(step);
      const factor = factorAt(step);
      const { starts, masses, total } = massesOf(ranges, step, factor);
      const size = countOf(ranges);
      const indices = new Uint32Array(count);
      const p = new Float64Array(count);
      for (let k = 0; k < count; k++) {
        const uniform = rng.uniform() < uniformShare || !(total > 0);
        let target = rng.uniform() * (uniform ? size : total);
        if (uniform) indices[k] = indexAt(ranges, Math.floor(target));
        else {
          let range = 0;
          while (range < ranges.length - 1 && target >= masses[range]) target -= masses[range++];
          // Rounding in the sums must not lead out of the range.
          const found = find(starts[range] + target, step, factor);
          indices[k] = Math.min(ranges[range].end - 1, Math.max(ranges[range].start, found));
        }
        p[k] = mix(score(indices[k], step), total, size);
      }
      return { indices, p };
    },
    probability(index, step, ranges) {
      moveBase(step);
      const { total } = massesOf(ranges, step, factorAt(step));
      return mix(score(index, step), total, countOf(ranges));
    },
    mean: () => mu,
    restore(records, mean, end) {
      mu = mean;
      if (records)
        for (let k = 0; k < records.indices.length; k++) {
          const i = records.indices[k];
          if (records.steps[k] >= end || records.steps[k] + 1 < steps[i]) continue;
          losses[i] = records.losses[k];
          steps[i] = records.steps[k] + 1;
        }
      sumAll();
    },
    records() {
      const indices = Uint32Array.from(steps.keys()).filter((i) => steps[i] > 0);
      return {
        indices,
        losses: Float32Array.from(indices, (i) => losses[i]),
        steps: Uint32Array.from(indices, (i) => steps[i] - 1),
      };
    },
    bytes: losses.byteLength + steps.byteLength + lossSums.byteLength + decaySums.byteLength,
  };
}
