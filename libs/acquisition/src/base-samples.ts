import { createMatrix, type Matrix } from "@superbatch/linalg";
import { createSobol, fastNormalQuantile, maxSobolDimensions, type Rng } from "@superbatch/random";

/**
 * Fixed standard normal vectors for Monte Carlo, one per column: scrambled Sobol points through the normal quantile. All candidates of
 * a suggestion share them (common random numbers), so that their differences are not noise.
 *
 * @param dimensions - length of a vector; components above the Sobol sequence's 256 dimensions are pseudo-random.
 * @param count - number of vectors, S; a power of two keeps the sequence balanced.
 * @returns dimensions × count
 */
export function normalBaseSamples(dimensions: number, count: number, rng: Rng): Matrix {
  const samples = createMatrix(dimensions, count);
  const quasi = Math.min(dimensions, maxSobolDimensions);
  if (quasi > 0) {
    const points = createSobol(quasi, { rng: rng.fork("sobol") }).take(count);
    for (let s = 0; s < count; s++) {
      for (let d = 0; d < quasi; d++) samples.data[d * count + s] = fastNormalQuantile(points[s * quasi + d]);
    }
  }
  const rest = rng.fork("rest");
  for (let i = quasi * count; i < samples.data.length; i++) samples.data[i] = rest.normal();
  return samples;
}
