/**
 * Scores from the last layer's pre-activations ("logits") of a classifier trained by softmax cross-entropy.
 *
 * Notation: n examples, C classes; logits n × C, row-major; labels n integers in [0, C).
 */

/**
 * The upper-bound score s_i = ‖softmax(z_i) − onehot(y_i)‖₂, the norm of the loss's gradient by the pre-activations, which bounds the
 * norm of the gradient by all weights up to a factor that all examples share (Katharopoulos & Fleuret 2018, eq. 20).
 *
 * @param logits - n × C, row-major, finite
 * @param labels - n, integers in [0, C)
 * @returns n scores in [0, √2]
 * @throws {RangeError} if the lengths do not fit or a label is outside [0, C)
 */
export function upperBoundScores(logits: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const classes = classCount(logits, labels);
  return Float64Array.from({ length: labels.length }, (_, i) => {
    const { max, sum } = logSumExpParts(logits, i * classes, classes);
    let squares = 0;
    for (let c = 0; c < classes; c++) {
      const gradient = Math.exp(logits[i * classes + c] - max) / sum - (c === labels[i] ? 1 : 0);
      squares += gradient * gradient;
    }
    return Math.sqrt(squares);
  });
}

/**
 * The loss as score: s_i = −log softmax(z_i)[y_i], in nats.
 *
 * @param logits - n × C, row-major, finite
 * @param labels - n, integers in [0, C)
 * @returns n losses, at least 0
 * @throws {RangeError} if the lengths do not fit or a label is outside [0, C)
 */
export function lossScores(logits: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const classes = classCount(logits, labels);
  return Float64Array.from({ length: labels.length }, (_, i) => {
    const { max, sum } = logSumExpParts(logits, i * classes, classes);
    return Math.max(0, max + Math.log(sum) - logits[i * classes + labels[i]]);
  });
}

function classCount(logits: ArrayLike<number>, labels: ArrayLike<number>): number {
  const classes = labels.length === 0 ? 0 : logits.length / labels.length;
  if (labels.length === 0 ? logits.length > 0 : !Number.isInteger(classes) || classes < 1)
    throw new RangeError(`${logits.length} logits are not a whole number of classes for ${labels.length} labels`);
  for (let i = 0; i < labels.length; i++)
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classes)
      throw new RangeError(`labels[${i}] must be an integer in [0, ${classes}), not ${labels[i]}`);
  return classes;
}

/** The row's maximum and Σ exp(z − max): no overflow for any finite logits. */
function logSumExpParts(logits: ArrayLike<number>, start: number, classes: number): { max: number; sum: number } {
  let max = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) max = Math.max(max, logits[start + c]);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c] - max);
  return { max, sum };
}
