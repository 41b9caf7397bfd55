import { FieldError } from "./field-error.ts";

/**
 * Sampling probabilities g_i = s_i / Σ_j s_j; uniform if all scores are 0 (Katharopoulos & Fleuret 2018, eq. 10).
 *
 * @param scores - n ≥ 1 scores, finite and at least 0
 * @param g - where to put them, n
 * @returns n probabilities that sum to 1
 * @throws {FieldError} naming `scores[i]`: a score that is negative or not finite is the caller's error, never a zero
 */
export function probabilities(scores: ArrayLike<number>, g = new Float64Array(scores.length)): Float64Array {
  const n = scores.length;
  if (n === 0) throw new FieldError("scores", "must not be empty");
  let max = 0;
  let total = 0;
  let valid = true;
  for (let i = 0; i < n; i++) {
    const score = scores[i];
    total += score;
    if (score > max) max = score;
    valid &&= score >= 0;
  }
  if (!valid || max === Number.POSITIVE_INFINITY) throw wrongScore(scores, Number.MAX_VALUE);
  if (max === 0) return g.fill(1 / n);
  // The sum of huge or subnormal scores leaves the range in which float64 is precise; scaled by the largest it does not.
  const scale = Number.isFinite(total) && total > 1e-290 ? 1 : max;
  if (scale !== 1) {
    total = 0;
    for (let i = 0; i < n; i++) total += scores[i] / scale;
  }
  if (scale === 1) for (let i = 0; i < n; i++) g[i] = scores[i] / total;
  else for (let i = 0; i < n; i++) g[i] = scores[i] / scale / total;
  return g;
}

/** Largest finite float32: sessions keep scores in that precision, which is what goes over the wire. */
const largest = 3.4028234663852886e38;

/** @throws {FieldError} naming the first score that is negative or not finite in float32. */
export function checkScores(scores: ArrayLike<number>): void {
  for (let i = 0; i < scores.length; i++)
    if (!(scores[i] >= 0 && scores[i] <= largest)) throw wrongScore(scores, largest);
}

function wrongScore(scores: ArrayLike<number>, max: number): FieldError {
  let i = 0;
  while (scores[i] >= 0 && scores[i] <= max) i++;
  return new FieldError(`scores[${i}]`, `must be finite, at least 0 and at most ${max}, not ${scores[i]}`);
}
