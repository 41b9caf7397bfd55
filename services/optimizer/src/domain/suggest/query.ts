import { logNormalCost, type ProbabilityModel, pointMatrix, type SurrogatePosterior } from "@superbatch/acquisition";
import { createMatrix } from "@superbatch/linalg";
import { encode, type Point } from "@superbatch/search-space";
import type { PosteriorAtPoint } from "./engine.ts";
import { fidelitiesOf } from "./fidelities.ts";
import { acquisitionOptions, candidateSpace, type ModelSearchOptions } from "./model-search.ts";
import type { StudyData } from "./study-data.ts";
import { createStudyScorer } from "./study-scorer.ts";

/** Points of one question to the surrogate: bounds the size of its answer. */
const chunkSize = 1000;

/**
 * The model at points.
 *
 * @param points - valid but for fidelities, which may be anywhere up to their targets
 * @param search - of the algorithm, if it has an acquisition and it is wanted: its options, and the probabilities that multiply it; of outcome constraints apart
 */
export async function queryModel(
  data: StudyData,
  model: SurrogatePosterior,
  points: readonly Point[],
  search:
    | {
        readonly options: ModelSearchOptions;
        readonly constraints: readonly ProbabilityModel[];
        readonly recommendable?: ProbabilityModel | undefined;
      }
    | undefined,
  signal: AbortSignal,
): Promise<PosteriorAtPoint[]> {
  const rows = points.map((point) => encodeUpToTarget(data, point));
  // As the next suggestion would see it, were nothing pending.
  const scorer =
    search &&
    data.x.length > 0 &&
    (await createStudyScorer({
      surrogate: model,
      space: candidateSpace(data, search.options.held?.(data)),
      evaluated: data.x,
      pending: [],
      constraints: search.recommendable ? [...search.constraints, search.recommendable] : search.constraints,
      recommendable: search.recommendable,
      options: acquisitionOptions(search.options),
      rng: data.rng.fork("query"),
      signal,
    }));
  const result: PosteriorAtPoint[] = [];
  for (let start = 0; start < rows.length; start += chunkSize) {
    const chunk = rows.slice(start, start + chunkSize);
    const [predicted, scored] = await Promise.all([
      predict(data, model, chunk, signal),
      scorer ? scorer.score(chunk) : undefined,
    ]);
    predicted.forEach((posterior, i) => {
      result.push(scored ? { ...posterior, acquisition: scored[i]!.value } : posterior);
    });
  }
  return result;
}

/** As `encode`, but fidelities may lie beyond what the space allows to evaluate: up to their targets, where quality counts. */
function encodeUpToTarget({ space, candidates }: StudyData, point: Point): Float64Array {
  const fidelities = fidelitiesOf(space);
  const within = fidelities.map(({ name, axis }) => [name, Math.min(point[name] as number, axis.max)] as const);
  const row = encode(space, { ...point, ...Object.fromEntries(within) });
  fidelities.forEach(({ name, target, axis }, i) => {
    row[candidates.fidelityColumns[i]!] = axis.encode(Math.min(point[name] as number, target));
  });
  return row;
}

async function predict(
  { scale, candidates }: StudyData,
  model: SurrogatePosterior,
  rows: readonly Float64Array[],
  signal: AbortSignal,
): Promise<PosteriorAtPoint[]> {
  const columns = candidates.dimensions.length;
  const matrix = pointMatrix(rows, columns);
  const none = createMatrix(0, columns);
  const [objective, logCost] = await Promise.all([
    model("objective", none, matrix, signal),
    model("log-cost", none, matrix, signal),
  ]);
  return rows.map((_, i) => {
    // Moments of the mixture over hyperparameter samples.
    const mean = average(objective, ({ mean }) => mean[i]!);
    const variance = average(objective, (sample) => Math.max(sample.variance[i]!, 0) + (sample.mean[i]! - mean) ** 2);
    return {
      mean: scale.fromModel(mean),
      standardDeviation: Math.sqrt(variance),
      expectedCost: average(logCost, (sample) =>
        logNormalCost(sample.mean[i]!, sample.variance[i]! + sample.noise[i]!),
      ),
    };
  });
}

function average<Sample>(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
}
