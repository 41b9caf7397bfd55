import type { Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import { bestSplit, type ForestColumn, goesLeft, type Split } from "./split.ts";

/** A regression tree. Nodes are numbered from the root, 0; a leaf has no split. */
export interface Tree {
  /** Split of each node; undefined for a leaf. */
  readonly splits: readonly (Split | undefined)[];
  /** Left child of each inner node; the right one follows it. */
  readonly left: Int32Array;
  /** Mean of the leaf's values, in standardized units. */
  readonly mean: Float64Array;
  /** Variance of an observation around the leaf's mean. */
  readonly noise: Float64Array;
  /** Variance of the leaf's mean: what so few observations leave open. */
  readonly meanVariance: Float64Array;
}

export interface TreeOptions {
  /** Fewest observations that a node is split with, at least 2. */
  readonly splitAt: number;
  /** Columns that are tried for a split. */
  readonly tried: number;
}

/**
 * Grows a tree on some of the observations.
 *
 * @param x - n × D encoded points
 * @param y - n standardized values
 * @param sample - indices of the observations, with repetitions (bootstrap)
 */
export function growTree(
  columns: readonly ForestColumn[],
  x: Matrix,
  y: Float64Array,
  sample: Int32Array,
  options: TreeOptions,
  rng: Rng,
): Tree {
  const splits: (Split | undefined)[] = [];
  const left: number[] = [];
  const statistics: LeafStatistics[] = [];
  const members: Int32Array[] = [sample];
  // Breadth first: children are appended in pairs, so that one number names both.
  for (let node = 0; node < members.length; node++) {
    const here = members[node]!;
    statistics.push(leafStatistics(y, here));
    const split = here.length >= options.splitAt ? bestSplit(columns, x, y, here, options.tried, rng) : undefined;
    splits.push(split);
    left.push(split ? members.length : -1);
    if (!split) continue;
    const inLeft = here.filter((i) => goesLeft(split, x.data[i * x.columns + split.column]!));
    const inRight = here.filter((i) => !goesLeft(split, x.data[i * x.columns + split.column]!));
    members.push(inLeft, inRight);
    // Only leaves need theirs.
    members[node] = new Int32Array(0);
  }
  return {
    splits,
    left: Int32Array.from(left),
    mean: Float64Array.from(statistics, ({ mean }) => mean),
    noise: Float64Array.from(statistics, ({ noise }) => noise),
    meanVariance: Float64Array.from(statistics, ({ meanVariance }) => meanVariance),
  };
}

/** The leaf that a point falls into. @param row - D encoded values */
export function leafOf({ splits, left }: Tree, row: Float64Array): number {
  let node = 0;
  for (let split = splits[0]; split; split = splits[node]) {
    node = left[node]! + (goesLeft(split, row[split.column]!) ? 0 : 1);
  }
  return node;
}

interface LeafStatistics {
  readonly mean: number;
  readonly noise: number;
  readonly meanVariance: number;
}

/** Prior variance of an observation in a leaf, of a total of 1, and how many observations it counts as. */
const priorVariance = 0.05;
const priorCount = 1;

function leafStatistics(y: Float64Array, members: Int32Array): LeafStatistics {
  let sum = 0;
  let squares = 0;
  const distinct = new Set<number>();
  for (const i of members) {
    sum += y[i]!;
    squares += y[i]! ** 2;
    distinct.add(i);
  }
  const count = members.length;
  const mean = sum / count;
  const noise = (Math.max(0, squares - count * mean ** 2) + priorCount * priorVariance) / (count + priorCount);
  // Repetitions of an observation by the bootstrap tell nothing new.
  return { mean, noise, meanVariance: noise / distinct.size };
}
