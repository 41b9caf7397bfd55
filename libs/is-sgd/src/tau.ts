/**
 * Variance reduction τ, in units of batch size: a uniform mini-batch would have to be τ times larger to match the importance-sampled one's variance
 * (Katharopoulos & Fleuret 2018, eq. 26): τ = (1 − ‖g − u‖² / ‖g‖²)^(−1/2) with u = 1/n, which is √(n Σ g²) since Σ g = 1.
 *
 * @param g - n probabilities that sum to 1
 * @returns τ in [1, √n]: 1 if g is uniform, √n if one example holds all
 */
export function varianceReduction(g: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < g.length; i++) squares += g[i] * g[i];
  // Rounding must not push τ out of its range, where a threshold of 1 or √n would compare wrongly.
  return Math.min(Math.sqrt(g.length), Math.max(1, Math.sqrt(g.length * squares)));
}

/** Weight of the past in the tracked τ, as in the reference implementation. */
export const defaultSmoothing = 0.9;

/**
 * One step of the tracked τ, an exponential moving average that starts at 0: τ ← a τ + (1 − a) τ_new (Katharopoulos & Fleuret 2018, algorithm 1).
 *
 * @param smoothing - a in [0, 1)
 */
export function trackTau(tracked: number, observed: number, smoothing: number = defaultSmoothing): number {
  return smoothing * tracked + (1 - smoothing) * observed;
}
