import {
  includesPoint,
  logNormalCost,
  type ProbabilityModel,
  recommend,
  type SurrogatePosterior,
} from "@superbatch/acquisition";
import { createMatrix } from "@superbatch/linalg";
import type { Rng } from "@superbatch/random";
import type { SuggestState } from "./algorithm.ts";

/**
 * The model's minimizer at the highest fidelity, if it is time to evaluate it there (ours).
 *
 * Information per unit of cost favors cheap fidelities as long as the model believes that they tell about the target. If its task kernel does
 * not fit the problem, nothing ever contradicts it: it extrapolates with confidence to a target that it has not seen. And where it evaluates the target by itself, it
 * does so where it learns, seldom where the minimum is. So a share of
 * what the study spends goes to the x with the lowest posterior mean at the target, found by local search from the best that was evaluated, and evaluated as near
 * to the target as the space allows. Only x that were evaluated can be recommended; this makes the best ones be among them.
 *
 * @param share - of the study's cost, that such evaluations may take, in [0, 1]
 * @param rng - for the local search; absent: the best x that was evaluated. So it is to be where some x are not acceptable, of which the posterior mean knows nothing.
 * @param recommendable - probability that an x can be recommended; absent: any can.
 * @returns the encoded point; undefined if the share is used, or the point has been evaluated or is under way
 */
export async function pointToVerify(
  { data, known, pending, infeasible, signal }: SuggestState,
  model: SurrogatePosterior,
  share: number,
  rng?: Rng,
  recommendable?: ProbabilityModel,
): Promise<Float64Array | undefined> {
  const { candidates, x, cost, observations } = data;
  const columns = candidates.fidelityColumns;
  if (share === 0 || columns.length === 0 || pending.some((row) => isHighest(row))) return undefined;
  let spent = 0;
  let verifying = 0;
  observations.forEach(({ verification }, i) => {
    spent += cost[i]!;
    if (verification) verifying += cost[i]!;
  });
  if (verifying >= share * spent) return undefined;

  const search = { recommendable, ...(rng && { continuous: { rng } }) };
  const { point } = await recommend({ surrogate: model, space: candidates, evaluated: x, signal, ...search });
  const highest = candidates.repair(point);
  if (!highest || includesPoint([...known, ...infeasible], highest, 1e-6)) return undefined;
  return verifying + (await expectedCost(highest)) <= share * spent ? highest : undefined;

  function isHighest(row: Float64Array): boolean {
    const above = row.slice();
    for (const column of columns) above[column] = 1;
    const top = candidates.repair(above);
    return top !== undefined && columns.every((column) => row[column]! >= top[column]! - 1e-9);
  }

  async function expectedCost(row: Float64Array): Promise<number> {
    const none = createMatrix(0, row.length);
    const samples = await model("log-cost", none, createMatrix(1, row.length, row), signal);
    const costs = samples.map(({ mean, variance, noise }) => logNormalCost(mean[0]!, variance[0]! + noise[0]!));
    return costs.reduce((sum, each) => sum + each, 0) / costs.length;
  }
}
