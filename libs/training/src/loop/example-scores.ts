/** Per-example results of a forward pass. */
export interface ExampleScores {
  /** n losses in nats: cross entropy of softmax(z) against the targets. */
  readonly losses: Float64Array;
  /** n upper bounds of the gradient's norm: ‖softmax(z) − target‖₂ [Katharopoulos & Fleuret 2018, section 3.1]. */
  readonly upperBounds: Float64Array;
  /** Number of examples whose largest logit is not at their label. */
  readonly wrong: number;
}

/**
 * Computed here, in float64, from logits that were read back: n × c numbers are few next to what made them, and the result does not
 * depend on the backend.
 *
 * @param logits - n × c, row-major.
 * @param labels - n class indices.
 * @param smoothing - label smoothing ε: the target is (1 − ε) onehot(y) + ε/c, in loss and score, as in the loss that is differentiated. @default 0
 */
export function exampleScores(
  logits: Float32Array,
  labels: ArrayLike<number>,
  n: number,
  classes: number,
  smoothing = 0,
): ExampleScores {
  const losses = new Float64Array(n);
  const upperBounds = new Float64Array(n);
  const probabilities = new Float64Array(classes);
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    const row = i * classes;
    let largest = 0;
    for (let k = 1; k < classes; k++) if (logits[row + k] > logits[row + largest]) largest = k;
    if (largest !== labels[i]) wrong++;
    const max = logits[row + largest];
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      probabilities[k] = Math.exp(logits[row + k] - max);
      sum += probabilities[k];
    }
    const logSum = max + Math.log(sum);
    let loss = 0;
    let squares = 0;
    for (let k = 0; k < classes; k++) {
      const target = smoothing / classes + (k === labels[i] ? 1 - smoothing : 0);
      if (target > 0) loss += target * (logSum - logits[row + k]);
      squares += (probabilities[k] / sum - target) ** 2;
    }
    losses[i] = loss;
    upperBounds[i] = Math.sqrt(squares);
  }
  return { losses, upperBounds, wrong };
}

/** True if every value is a finite number. */
export function allFinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
