import { createMatrix, type JointGaussian, type Matrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import type { ForestColumn } from "./split.ts";
import { growTree, leafOf, type Tree } from "./tree.ts";

/** What a forest is fitted to: n observations of one output. */
export interface ForestData {
  readonly dimensions: readonly Dimension[];
  /** n × D, encoded: NaN where a conditional dimension is inactive. */
  readonly x: Matrix;
  /** n finite values. */
  readonly y: Float64Array;
}

export interface ForestOptions {
  /** Number of trees, at least 2. @default 64 */
  readonly trees?: number;
  /** Fewest observations that a node is split with, at least 2. @default 3 */
  readonly splitAt?: number;
  /** Share of the columns that are tried for a split, in (0, 1]. @default 5/6 (as SMAC) */
  readonly columnShare?: number;
  /** Called before each tree; may throw to end the work. */
  readonly checkpoint?: () => void;
}

/** A fitted forest. Immutable. */
export interface ForestModel {
  readonly trees: number;
  /** Nodes of all trees: what memory depends on. */
  readonly nodes: number;
  /**
   * Joint posterior at R anchors and Q points, in y's units. By the law of total covariance over a tree t drawn from the forest:
   *
   *     cov(f(a), f(b)) = cov_t(m_t(a), m_t(b)) + E_t[ 1{a and b share a leaf} · v_leaf ]
   *
   * with m the leaf's mean and v its variance. Both terms are Gram matrices, so their sum is positive semidefinite by construction.
   *
   * @param anchors - R × D
   * @param points - Q × D
   * @param checkpoint - called before each block of points; may throw.
   */
  posterior(anchors: Matrix, points: Matrix, checkpoint?: () => void): JointGaussian;
  /** Out-of-bag prediction of each observation: mean and variance (noise included), NaN where every tree has seen it. */
  outOfBag(): { readonly mean: Float64Array; readonly variance: Float64Array };
}

/**
 * A regression forest with uncertainty: bootstrapped trees with thresholds drawn at random (Hutter et al. 2014). Handles categories, inactive columns and
 * thousands of observations; a fidelity is a column like any other. No observations give a broad prior around 0.
 *
 * @throws whatever `options.checkpoint` throws.
 */
export function fitForest(data: ForestData, options: ForestOptions, rng: Rng): ForestModel {
  const { x, y } = data;
  const columns = data.dimensions.map(columnOf);
  const units = standardization(y);
  const values = y.map((value) => (value - units.mean) / units.scale);
  const tried = Math.max(1, Math.ceil(columns.length * (options.columnShare ?? 5 / 6)));
  const grown = Array.from({ length: y.length === 0 ? 0 : (options.trees ?? 64) }, (_, t) => {
    options.checkpoint?.();
    const stream = rng.fork(t);
    const sample = Int32Array.from({ length: y.length }, () => stream.integer(y.length));
    return { sample, tree: growTree(columns, x, values, sample, { splitAt: options.splitAt ?? 3, tried }, stream) };
  });
  const trees = grown.map(({ tree }) => tree);
  return {
    trees: trees.length,
    nodes: trees.reduce((sum, { splits }) => sum + splits.length, 0),
    posterior: (anchors, points, checkpoint = () => {}) => posterior(trees, units, anchors, points, checkpoint),
    outOfBag: () => outOfBag(grown, units, x),
  };
}

function columnOf(dimension: Dimension): ForestColumn {
  return dimension.kind === "categorical" ? { kind: "category", categories: dimension.categories } : { kind: "number" };
}

interface Units {
  readonly mean: number;
  readonly scale: number;
}

function standardization(y: Float64Array): Units {
  if (y.length === 0) return { mean: 0, scale: 1 };
  // The largest magnitude is taken out first, so that squares of huge values stay finite.
  const largest = y.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const mean = y.reduce((sum, value) => sum + value / largest, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value / largest - mean) ** 2, 0) / y.length;
  const scale = Math.sqrt(variance) * largest;
  return { mean: mean * largest, scale: scale > 1e-12 * largest ? scale : largest };
}

/** What the trees say of some places. */
interface Votes {
  /** T × n leaf of each place. */
  readonly leaf: Int32Array[];
  /** n means over the trees, standardized. */
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly noise: Float64Array;
}

function vote(trees: readonly Tree[], { rows, columns, data }: Matrix): Votes {
  const leaf = trees.map((tree) =>
    Int32Array.from({ length: rows }, (_, i) => leafOf(tree, data.subarray(i * columns, (i + 1) * columns))),
  );
  const mean = new Float64Array(rows);
  const variance = new Float64Array(rows);
  const noise = new Float64Array(rows);
  const share = 1 / trees.length;
  trees.forEach((tree, t) => {
    for (let i = 0; i < rows; i++) mean[i]! += share * tree.mean[leaf[t]![i]!]!;
  });
  trees.forEach((tree, t) => {
    for (let i = 0; i < rows; i++) {
      const at = leaf[t]![i]!;
      variance[i]! += share * ((tree.mean[at]! - mean[i]!) ** 2 + tree.meanVariance[at]!);
      noise[i]! += share * tree.noise[at]!;
    }
  });
  return { leaf, mean, variance, noise };
}

/** Points per step: bounds the memory (trees × points) and the time until a cancellation is seen. */
const blockPoints = 4096;

function posterior(
  trees: readonly Tree[],
  units: Units,
  anchors: Matrix,
  points: Matrix,
  checkpoint: () => void,
): JointGaussian {
  const [r, q] = [anchors.rows, points.rows];
  const square = units.scale ** 2;
  const result: JointGaussian = {
    anchorMean: new Float64Array(r).fill(units.mean),
    anchorCovariance: createMatrix(r, r),
    anchorNoise: new Float64Array(r).fill(trees.length === 0 ? 0.01 * square : 0),
    mean: new Float64Array(q).fill(units.mean),
    variance: new Float64Array(q).fill(trees.length === 0 ? square : 0),
    noise: new Float64Array(q).fill(trees.length === 0 ? 0.01 * square : 0),
    cross: createMatrix(r, q),
  };
  if (trees.length === 0) {
    // The prior without observations: one unknown constant, and nothing about where it is better.
    result.anchorCovariance.data.fill(square);
    result.cross.data.fill(square);
    return result;
  }
  const there = vote(trees, anchors);
  write(result.anchorMean, there.mean, 0, units.scale, units.mean);
  write(result.anchorNoise, there.noise, 0, square, 0);
  covariances(trees, there, there, result.anchorCovariance, 0, square);
  for (let start = 0; start < q; start += blockPoints) {
    checkpoint();
    const end = Math.min(start + blockPoints, q);
    const rows = points.data.subarray(start * points.columns, end * points.columns);
    const here = vote(trees, createMatrix(end - start, points.columns, rows));
    write(result.mean, here.mean, start, units.scale, units.mean);
    write(result.variance, here.variance, start, square, 0);
    write(result.noise, here.noise, start, square, 0);
    covariances(trees, there, here, result.cross, start, square);
  }
  return result;
}

function write(target: Float64Array, values: Float64Array, start: number, scale: number, shift: number): void {
  for (let i = 0; i < values.length; i++) target[start + i] = values[i]! * scale + shift;
}

/** Covariances of the places `a` (rows) and `b` (columns from `start`), times `square`. */
function covariances(trees: readonly Tree[], a: Votes, b: Votes, out: Matrix, start: number, square: number): void {
  const share = square / trees.length;
  trees.forEach((tree, t) => {
    const [leavesA, leavesB] = [a.leaf[t]!, b.leaf[t]!];
    const deviation = Float64Array.from(leavesB, (leaf, j) => share * (tree.mean[leaf]! - b.mean[j]!));
    for (let i = 0; i < leavesA.length; i++) {
      const leaf = leavesA[i]!;
      const own = tree.mean[leaf]! - a.mean[i]!;
      const shared = share * tree.meanVariance[leaf]!;
      const row = i * out.columns + start;
      for (let j = 0; j < leavesB.length; j++) {
        out.data[row + j]! += own * deviation[j]! + (leavesB[j] === leaf ? shared : 0);
      }
    }
  });
}

function outOfBag(grown: readonly { sample: Int32Array; tree: Tree }[], units: Units, x: Matrix) {
  const n = x.rows;
  const [count, sum, squares] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (const { sample, tree } of grown) {
    const seen = new Set(sample);
    for (let i = 0; i < n; i++) {
      if (seen.has(i)) continue;
      const leaf = leafOf(tree, x.data.subarray(i * x.columns, (i + 1) * x.columns));
      count[i]! += 1;
      sum[i]! += tree.mean[leaf]!;
      squares[i]! += tree.mean[leaf]! ** 2 + tree.meanVariance[leaf]! + tree.noise[leaf]!;
    }
  }
  const mean = sum.map((value, i) => value / count[i]!);
  const variance = squares.map((value, i) => Math.max(0, value / count[i]! - mean[i]! ** 2) * units.scale ** 2);
  return { mean: mean.map((value) => value * units.scale + units.mean), variance };
}
