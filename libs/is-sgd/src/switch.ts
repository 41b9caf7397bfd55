/** Cost of forward and backward pass of an example over that of its forward pass alone, as the reference assumes. */
export const defaultCostRatio = 3;

/**
 * Threshold τ_th = (B + r b) / (r b) above which importance sampling pays (Katharopoulos & Fleuret 2018, section 3.3, with r = 3): a step scores
 * B examples (one forward pass each) and trains on b (r forward passes each), so it must replace at least that many times larger a batch.
 *
 * @param superBatchSize - B ≥ b
 * @param batchSize - b ≥ 1
 * @param costRatio - r > 0; a ratio measured on the machine may take the place of the reference's 3 (our extension)
 * @returns τ_th > 1
 */
export function switchThreshold(
  superBatchSize: number,
  batchSize: number,
  costRatio: number = defaultCostRatio,
): number {
  return (superBatchSize + costRatio * batchSize) / (costRatio * batchSize);
}

/** What decides whether the next step is importance-sampled. */
export interface SwitchRule {
  /** b. */
  readonly batchSize: number;
  /** Fixed threshold in place of τ_th(B). */
  readonly threshold?: number;
  /** r of {@link switchThreshold}. */
  readonly costRatio: number;
}

/** τ_th that `rule` sets for super-batches of size B. */
export function thresholdOf(rule: SwitchRule, superBatchSize: number): number {
  return rule.threshold ?? switchThreshold(superBatchSize, rule.batchSize, rule.costRatio);
}

/** How an adaptive super-batch grows and shrinks. */
export interface AdaptiveSuperBatch {
  /** Largest B, at least the session's B and at most N. */
  readonly max: number;
  /** Factor by which B grows and shrinks, above 1. */
  readonly growth: number;
}

/**
 * The super-batch size for the next step (our extension): B grows by `growth` while the tracked τ pays even for the grown size, and shrinks
 * back, never below the session's B, as soon as τ does not pay for the present one.
 *
 * @param current - present B
 * @param start - the session's B, the smallest
 * @param tau - tracked τ
 */
export function adaptSuperBatch(
  current: number,
  start: number,
  tau: number,
  rule: SwitchRule,
  adaptive: AdaptiveSuperBatch,
): number {
  const grown = Math.min(adaptive.max, Math.ceil(current * adaptive.growth));
  if (grown > current && tau > thresholdOf(rule, grown)) return grown;
  if (tau > thresholdOf(rule, current)) return current;
  return Math.max(start, Math.floor(current / adaptive.growth));
}
