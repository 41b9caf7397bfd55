import { exampleScores } from "./example-scores.ts";
import { type ForwardPass, forwardAll } from "./forward-pass.ts";

/** How well a model does on held-out examples. */
export interface Evaluation {
  /** Share of the examples whose class is not the most probable one, in [0, 1]. */
  readonly error: number;
  /** Mean cross entropy in nats, without label smoothing. Not finite for a diverged model. */
  readonly loss: number;
}

/** @param indices - at least one example. */
export async function evaluate(pass: ForwardPass, indices: Uint32Array, classes: number): Promise<Evaluation> {
  let wrong = 0;
  let loss = 0;
  await forwardAll(pass, indices, ({ size, labels }, _start, logits) => {
    const scores = exampleScores(logits, labels, size, classes);
    wrong += scores.wrong;
    loss += scores.losses.reduce((sum, value) => sum + value, 0);
  });
  return { error: wrong / indices.length, loss: loss / indices.length };
}
