/**
 * Importance weights w = 1 / (n g) of the drawn positions. The step's loss is (1/b) Σ w_i ℓ_i over the b drawn examples: the expectation of
 * its gradient is the gradient of the mean over all n (Katharopoulos & Fleuret 2018, eq. 5).
 *
 * @param g - n probabilities
 * @param positions - b drawn positions, each of positive probability
 * @returns b weights; Σ_i g_i w_i = 1 over the positions with g > 0 if none is 0
 */
export function importanceWeights(g: Float64Array, positions: ArrayLike<number>): Float64Array {
  const weights = new Float64Array(positions.length);
  for (let k = 0; k < positions.length; k++) weights[k] = 1 / (g.length * g[positions[k]]);
  return weights;
}

/**
 * Cuts weights at a bound, in place. **The estimate is then biased**: examples that are drawn rarely count for less than their share. It buys a
 * bounded step where a few tiny probabilities would give huge weights.
 *
 * @param max - bound, greater than 0
 * @returns whether any weight was cut
 */
export function boundWeights(weights: Float64Array, max: number): boolean {
  let cut = false;
  for (let k = 0; k < weights.length; k++) {
    if (weights[k] <= max) continue;
    weights[k] = max;
    cut = true;
  }
  return cut;
}

/**
 * Kish's effective sample size (Σ w)² / Σ w², in examples: from 1 (one weight dominates) to b (all equal). 0 for no weights.
 */
export function effectiveSampleSize(weights: ArrayLike<number>): number {
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < weights.length; k++) {
    sum += weights[k];
    squares += weights[k] * weights[k];
  }
  return squares === 0 ? 0 : (sum * sum) / squares;
}
