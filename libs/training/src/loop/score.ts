import type { Scheme } from "@superbatch/is-sgd";
import type { ScoreKind } from "../configuration.ts";
import { exampleScores } from "./example-scores.ts";
import { type ForwardPass, forwardAll } from "./forward-pass.ts";
import type { Batch } from "./model.ts";

export interface ScoringOptions {
  readonly kind: ScoreKind;
  readonly classes: number;
  /** ε of the loss that is trained on. */
  readonly labelSmoothing: number;
}

/**
 * Scores of a super-batch: a forward pass without gradient, batch norm by the statistics of the first chunk, in which the step that follows is normalized too. The
 * published implementation takes the moving ones here (idiap/importance-sampling scores in Keras' test phase), and the mini-batch's in the step.
 *
 * @param indices - B examples of the reader's split. @param first - their first chunk, if it has been read. @returns B scores.
 */
export async function scoreSuperBatch(
  pass: ForwardPass,
  indices: Uint32Array,
  options: ScoringOptions,
  first?: Batch,
): Promise<Float32Array> {
  const scores = new Float32Array(indices.length);
  const score = async (batch: Batch, start: number, logits: Float32Array) => {
    const exact = options.kind === "gradient_norm" ? await pass.model.gradientNorms(batch) : undefined;
    scores.set(exact ?? scoresOf(logits, batch.labels, batch.size, options), start);
  };
  await forwardAll(pass, indices, score, first, (batch, start) => pass.model.scoringLogits(batch, start === 0));
  return scores;
}

/** Scores from the logits of a forward pass that was made anyway. The exact gradient norm has none: its upper bound stands in. */
export function scoresOf(
  logits: Float32Array,
  labels: ArrayLike<number>,
  size: number,
  { kind, classes, labelSmoothing }: ScoringOptions,
): Float64Array {
  const { losses, upperBounds } = exampleScores(logits, labels, size, classes, labelSmoothing);
  return kind === "loss" || kind === "loss_history" ? losses : upperBounds;
}

/** What a sampler does with scores of a kind. Exact gradient norms are sampled from as their upper bounds are. */
export function schemeOf(kind: ScoreKind): Scheme {
  switch (kind) {
    case "loss":
    case "uniform":
      return kind;
    case "loss_history":
      return "loss-history";
    case "upper_bound":
    case "gradient_norm":
      return "upper-bound";
  }
}
