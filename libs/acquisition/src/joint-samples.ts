import { cholesky, type JointGaussian, type Matrix, multiply, solveLower, transpose } from "@superbatch/linalg";
import { acceptableIn } from "./acceptable.ts";

/** S joint samples of the representers' values under one hyperparameter sample, with what is needed to condition them on a candidate. */
export interface JointSamples {
  /** R: posterior means of the representers. */
  readonly mean: Float64Array;
  /** R × R lower triangle L, V = L Lᵀ. */
  readonly factor: Matrix;
  /** R × S standard normal vectors z. */
  readonly base: Matrix;
  /** S × R: f = m + L z, row per sample, each ascending; those that are not acceptable far above all others. */
  readonly sortedValues: Float64Array;
  /** S × R: which representer each sorted value belongs to. */
  readonly order: Int32Array;
}

/**
 * Draws f = m + L z for fixed z.
 *
 * @param base - at least R × S; rows beyond R are ignored here.
 * @param acceptable - R probabilities: a representer that is not acceptable in a sample is not its minimizer. Absent: all are.
 */
export function jointSamples(joint: JointGaussian, base: Matrix, acceptable?: Float64Array): JointSamples {
  const representers = joint.anchorMean.length;
  const samples = base.columns;
  const z: Matrix = { rows: representers, columns: samples, data: base.data.subarray(0, representers * samples) };
  const { factor } = cholesky(joint.anchorCovariance);
  const values = multiply(factor, z);
  const sortedValues = new Float64Array(samples * representers);
  const order = new Int32Array(samples * representers);
  const isAcceptable = acceptable && acceptableIn(acceptable);
  // Added to what is not acceptable in a sample: no observation moves a representer by a million times the spread of all.
  const outOfReach = acceptable ? 1e6 * (spread(joint.anchorMean) + spread(values.data) || 1) : 0;
  for (let s = 0; s < samples; s++) {
    for (let r = 0; r < representers; r++) {
      const value = joint.anchorMean[r] + values.data[r * samples + s];
      insert(sortedValues, order, s * representers, r, isAcceptable?.(r, s) === false ? value + outOfReach : value);
    }
  }
  return { mean: joint.anchorMean, factor, base: z, sortedValues, order };
}

function spread(numbers: Float64Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return high - low;
}

/** One step of an insertion sort, stable: for some dozens of numbers a tenth of the time of a sort that calls a function to compare. */
function insert(sorted: Float64Array, order: Int32Array, offset: number, length: number, value: number): void {
  let k = offset + length;
  while (k > offset && sorted[k - 1] > value) {
    sorted[k] = sorted[k - 1];
    order[k] = order[k - 1];
    k--;
  }
  sorted[k] = value;
  order[k] = length;
}

/**
 * How candidates move with the samples. With t² = v + σ² a candidate's predictive variance and w = L⁻¹ c its whitened covariance with the
 * representers, its standardized observation under sample s is (y − m_q) / t = a_s + ρ η, η ~ N(0, 1) independent, where
 * a_s = wᵀ z_s / t and ρ² = 1 − |w|² / t².
 */
export interface CandidateLoadings {
  /** Q: t, standard deviation of an observation at the candidate; 0 where nothing is uncertain. */
  readonly scale: Float64Array;
  /** Q: ρ in [0, 1]: share of the observation that the representers do not determine. */
  readonly residual: Float64Array;
  /** Q × S: a. */
  readonly explained: Matrix;
}

/** @param joint - of the same representers as `samples`, and Q candidates. */
export function candidateLoadings(samples: JointSamples, joint: JointGaussian): CandidateLoadings {
  const { variance, noise, cross } = joint;
  const candidates = variance.length;
  const whitened = solveLower(samples.factor, cross);
  const scale = new Float64Array(candidates);
  const squares = new Float64Array(candidates);
  for (let q = 0; q < candidates; q++) scale[q] = Math.sqrt(Math.max(0, variance[q] + noise[q]));
  for (let r = 0; r < whitened.rows; r++) {
    for (let q = 0; q < candidates; q++) {
      const place = r * candidates + q;
      if (scale[q] > 0) whitened.data[place] /= scale[q];
      squares[q] += whitened.data[place] ** 2;
    }
  }
  // Round-off (or jitter in L) can explain more than there is; then the representers determine the observation.
  for (let r = 0; r < whitened.rows; r++) {
    for (let q = 0; q < candidates; q++) {
      if (squares[q] > 1) whitened.data[r * candidates + q] /= Math.sqrt(squares[q]);
    }
  }
  const explained = multiply(transpose(whitened), samples.base);
  return { scale, residual: squares.map((square) => Math.sqrt(Math.max(0, 1 - square))), explained };
}
