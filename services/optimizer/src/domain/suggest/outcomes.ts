import {
  createOutcomeConstraint,
  type ProbabilityModel,
  pointMatrix,
  type SurrogatePosterior,
} from "@superbatch/acquisition";
import { excess, type OutcomeConstraint } from "@superbatch/contracts";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { KnowledgeRequest } from "./engine.ts";
import { inferenceSize } from "./model-fit.ts";
import type { StudyData } from "./study-data.ts";
import type { ModelChoice, Surrogate } from "./surrogate.ts";

/**
 * The probability that an x keeps all outcome constraints of its study at the target fidelity: the product over the constraints, each metric with a model
 * of its own, fitted as the objective's is (Gardner et al. 2014). Points may be at any fidelity: they are judged at the target.
 *
 * @returns undefined for a study without outcome constraints. @throws whatever the surrogate throws.
 */
export async function fitOutcomes(
  surrogate: Surrogate,
  data: StudyData,
  choice: ModelChoice,
  signal: AbortSignal,
): Promise<ProbabilityModel | undefined> {
  const { candidates, outcomeConstraints } = data;
  if (outcomeConstraints.length === 0) return undefined;
  const models: ProbabilityModel[] = [];
  for (const [i, { atLeast, atMost }] of outcomeConstraints.entries()) {
    const posterior = await fitMetric(surrogate, data, i, choice, signal);
    const ask = (points: Matrix) => posterior("objective", createMatrix(0, points.columns), points, signal);
    const bounds = { ...(atLeast !== undefined && { min: atLeast }), ...(atMost !== undefined && { max: atMost }) };
    models.push(createOutcomeConstraint(ask, bounds));
  }
  return async (points) => {
    const rows = Array.from({ length: points.rows }, (_, q) =>
      candidates.target(points.data.slice(q * points.columns, (q + 1) * points.columns)),
    );
    const atTarget = pointMatrix(rows, points.columns);
    const each = await Promise.all(models.map((model) => model(atTarget)));
    return Float64Array.from(rows, (_, q) => each.reduce((product, probability) => product * probability[q]!, 1));
  };
}

/** Cost is no part of it: the objective's model has learned that. Nor is what fidelities are believed to do to the objective: a metric may be all about it. */
function fitMetric(
  surrogate: Surrogate,
  { candidates, x, rng, observations, outcomeConstraints }: StudyData,
  constraint: number,
  choice: ModelChoice,
  signal: AbortSignal,
): Promise<SurrogatePosterior> {
  const dimensions = candidates.dimensions.map((dimension) =>
    dimension.kind === "fidelity" ? ({ ...dimension, effect: "open" } as const) : dimension,
  );
  const options = {
    // By its name: the order of a study's constraints changes nothing.
    seed: rng.fork("outcome").fork(outcomeConstraints[constraint]!.metric).uint32(),
    inferFrom: inferenceSize(x.length),
    ...choice,
  };
  const y = Float64Array.from(observations, ({ outcomes }) => outcomes![constraint]!);
  const cost = new Float64Array(x.length).fill(1);
  return surrogate.fit({ dimensions, x: pointMatrix(x, dimensions.length), y, cost }, options, signal);
}

/**
 * By how much each observation misses the bounds, in sum over the constraints, each in units of its metric's standard deviation among the observations:
 * 0 if it keeps all. For whatever ranks results without a model of the metrics, after Deb (2000): what keeps the bounds first, by value; then by this.
 */
export function violations({
  observations,
  outcomeConstraints = [],
}: Pick<KnowledgeRequest, "observations" | "outcomeConstraints">): Float64Array {
  const total = new Float64Array(observations.length);
  outcomeConstraints.forEach((constraint: OutcomeConstraint, i) => {
    const values = observations.map(({ outcomes }) => outcomes![i]!);
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0));
    values.forEach((value, n) => {
      total[n]! += excess(constraint, value) / (sd || 1);
    });
  });
  return total;
}
