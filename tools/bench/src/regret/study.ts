import {
  initialDesign,
  recommend,
  type SurrogatePosterior,
  suggest,
  withFixedFidelities,
} from "@superbatch/acquisition";
import { fitGp, type HyperparameterState } from "@superbatch/gp";
import { matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Method } from "./methods.ts";
import { type Problem, trialCost } from "./problem.ts";

/**
 * One study until the last budget is spent.
 *
 * @param budgets - total costs in full evaluations, ascending.
 * @returns simple regret at the target of what is recommended once each budget is spent.
 */
export async function runStudy(
  problem: Problem,
  method: Method,
  seed: number,
  budgets: readonly number[],
): Promise<number[]> {
  return method.kind === "random" ? randomStudy(problem, seed, budgets) : modelStudy(problem, method, seed, budgets);
}

/** Full evaluations at uniform points; the best one seen is recommended. */
function randomStudy(problem: Problem, seed: number, budgets: readonly number[]): number[] {
  const rng = createRng(`${problem.name} ${seed}`).fork("random");
  const { space } = problem;
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  return budgets.map((budget) => {
    for (; spent < budget; spent++) {
      const point = space.sample(Float64Array.from(space.dimensions, () => rng.uniform()))!;
      best = Math.min(best, problem.value(space.target(point)));
    }
    return best - problem.minimum;
  });
}

async function modelStudy(
  problem: Problem,
  method: Extract<Method, { kind: "model" }>,
  seed: number,
  budgets: readonly number[],
): Promise<number[]> {
  const rng = createRng(`${problem.name} ${seed}`);
  const target = new Map(problem.space.fidelityColumns.map((column) => [column, 1]));
  const space = method.fidelity === "free" ? problem.space : withFixedFidelities(problem.space, target);
  const evaluated: Float64Array[] = [];
  const values: number[] = [];
  const logCosts: number[] = [];
  let spent = 0;
  const evaluate = (point: Float64Array) => {
    evaluated.push(point);
    values.push(problem.value(point));
    logCosts.push(Math.log(trialCost(point)));
    spent += trialCost(point);
  };
  for (const point of initialDesign(space, rng.fork("initial design"))) evaluate(point);

  const warm: Partial<Record<"objective" | "log-cost", HyperparameterState>> = {};
  const regrets: number[] = [];
  for (let step = 0; ; step++) {
    const stream = rng.fork(step);
    const fit = (output: "objective" | "log-cost", y: readonly number[]) => {
      const warmStart = warm[output];
      const model = fitGp(
        { dimensions: space.dimensions, x: matrixFromRows(evaluated), y: Float64Array.from(y) },
        { output, inference: "mcmc", ...(warmStart && { warmStart }) },
        stream.fork(output),
      );
      warm[output] = model.warmStart;
      return model;
    };
    const models = { objective: fit("objective", values), "log-cost": fit("log-cost", logCosts) };
    const surrogate: SurrogatePosterior = async (output, anchors, points) => models[output].posterior(anchors, points);
    while (regrets.length < budgets.length && spent >= budgets[regrets.length]!) {
      const { point } = await recommend({ surrogate, space, evaluated });
      regrets.push(problem.value(point) - problem.minimum);
    }
    if (regrets.length === budgets.length) return regrets;
    const { point } = await suggest({
      surrogate,
      space,
      evaluated,
      pending: [],
      rng: stream.fork("suggest"),
      options: method.options,
    });
    evaluate(point);
  }
}
