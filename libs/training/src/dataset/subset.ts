import type { Rng } from "@superbatch/random";
import type { Split } from "./dataset.ts";

/** 0 … n − 1 in random order (Fisher and Yates). */
export function permutation(n: number, rng: Rng): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    const swapped = order[i];
    order[i] = order[j];
    order[j] = swapped;
  }
  return order;
}

/**
 * Divides a split in two, class by class: `share` of each class and the rest. The share has round(share · n) examples in all: what is left over of each class
 * goes to the largest remainders. The last example of a class is never taken.
 *
 * @returns indices of the share and of the rest, both ascending.
 */
export function stratifiedSplit(split: Split, share: number, classes: number, rng: Rng): [Uint32Array, Uint32Array] {
  const byClass = Array.from({ length: classes }, () => [] as number[]);
  for (let i = 0; i < split.size; i++) byClass[split.labels[i]].push(i);
  const counts = apportion(
    byClass.map((members) => members.length),
    share,
  );
  const taken: number[] = [];
  const rest: number[] = [];
  for (const [label, members] of byClass.entries()) {
    const order = permutation(members.length, rng.fork(label));
    for (let i = 0; i < members.length; i++) (i < counts[label] ? taken : rest).push(members[order[i]]);
  }
  return [Uint32Array.from(taken).sort(), Uint32Array.from(rest).sort()];
}

/** Whole numbers next to share · size, by largest remainders. */
function apportion(sizes: readonly number[], share: number): number[] {
  const counts = sizes.map((size) => Math.min(Math.floor(share * size), Math.max(0, size - 1)));
  let missing =
    Math.round(share * sizes.reduce((sum, size) => sum + size, 0)) - counts.reduce((sum, count) => sum + count, 0);
  const byRemainder = sizes.map((size, label) => ({ label, remainder: share * size - counts[label] }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.label - b.label);
  for (const { label } of byRemainder) {
    if (missing <= 0) break;
    if (counts[label] >= sizes[label] - 1) continue;
    counts[label]++;
    missing--;
  }
  return counts;
}

/**
 * Training examples set aside to measure a trial's objective: a tenth of the training split, but at least 500 as far as that is no more than a
 * quarter. Below 500 the noise of the error itself (2 points at an error of 0.3) would hide what a hyperparameter does.
 *
 * @returns number of examples.
 */
export function defaultValidationSize(trainSize: number): number {
  return Math.round(Math.max(trainSize / 10, Math.min(500, trainSize / 4)));
}

/**
 * The first `share` of a seeded permutation of `indices`: subsets of different shares and equal seeds are nested, so that a fidelity's levels differ by
 * what they add and by nothing else.
 *
 * @param share - in (0, 1]; at least one example is kept.
 */
export function nestedSubset(indices: Uint32Array, share: number, rng: Rng): Uint32Array {
  if (!(share > 0 && share <= 1)) throw new RangeError(`the share of the data must be in (0, 1], not ${share}`);
  const count = Math.max(1, Math.round(share * indices.length));
  if (count === indices.length) return indices;
  const order = permutation(indices.length, rng);
  return Uint32Array.from({ length: count }, (_, i) => indices[order[i]]);
}

/** Copies the examples at `indices`, each of `inputSize` values, into a split of their own. */
export function takeExamples(split: Split, indices: Uint32Array, inputSize: number): Split {
  const inputs =
    split.inputs instanceof Uint8Array
      ? new Uint8Array(indices.length * inputSize)
      : new Float32Array(indices.length * inputSize);
  const labels = split.labels.slice(0, indices.length);
  for (const [i, index] of indices.entries()) {
    inputs.set(split.inputs.subarray(index * inputSize, (index + 1) * inputSize), i * inputSize);
    labels[i] = split.labels[index];
  }
  return { size: indices.length, inputs, labels };
}
