import { atTarget, type Problem, trialCost } from "./problem.ts";
import type { Observation, Search } from "./search.ts";

/** Total costs, in full evaluations, after which a study is judged, ascending. */
export const checkpoints: readonly number[] = Array.from({ length: 20 }, (_, i) => 3 * (i + 1));

/** What a study came to. */
export interface StudyOutcome {
  /** Per checkpoint: how far the recommendation's noise-free value at the target is from the minimum. */
  readonly regret: readonly number[];
  /** Trials within the last checkpoint. */
  readonly trials: number;
}

/** A trial counts for a checkpoint that its cost reaches exactly. */
const tolerance = 1e-9;

/**
 * One study until the last checkpoint's cost is spent. At each checkpoint the method recommends from the trials whose cost it could pay; the trial that
 * would exceed it is not among them.
 */
export async function runStudy(problem: Problem, search: Search): Promise<StudyOutcome> {
  const observations: Observation[] = [];
  const regret: number[] = [];
  let spent = 0;
  for (;;) {
    const point = await search.suggest(observations);
    const cost = trialCost(point);
    while (spent + cost > checkpoints[regret.length]! + tolerance) {
      const recommended = await search.recommend(observations);
      regret.push(problem.value(atTarget(recommended)) - problem.minimum);
      if (regret.length === checkpoints.length) return { regret, trials: observations.length };
    }
    observations.push({ point, value: problem.value(point), cost });
    spent += cost;
  }
}
