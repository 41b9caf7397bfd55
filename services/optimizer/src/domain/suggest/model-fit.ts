import { pointMatrix, type SurrogatePosterior } from "@superbatch/acquisition";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import type { Dimension } from "@superbatch/search-space";
import { alignedValues } from "./align-prior.ts";
import type { StudyData } from "./study-data.ts";
import { type ModelChoice, type Surrogate, type SurrogateModel, withReport } from "./surrogate.ts";

/**
 * Fits the surrogate to a study's observations. Equal studies ask for equal models, whatever was asked before.
 *
 * Results of earlier studies join as tasks of a multi-task model (Swersky, Snoek, Adams 2013): one more dimension says by its category which study
 * a row is of. Its length scale is inferred like all others, so an earlier study counts as much as its results agree with this one's. Whoever asks
 * the model asks for this study.
 */
export async function fitStudy(
  surrogate: Surrogate,
  data: StudyData,
  choice: ModelChoice,
  signal: AbortSignal,
): Promise<SurrogateModel> {
  const { candidates, x, y, cost, priors, rng } = data;
  const before = priors.reduce((sum, prior) => sum + prior.x.length, 0);
  const options = {
    seed: rng.fork("model").uint32(),
    inferFrom: before + inferenceSize(x.length),
    ...choice,
  };
  if (before === 0)
    return surrogate.fit(
      { dimensions: candidates.dimensions, x: pointMatrix(x, candidates.dimensions.length), y, cost },
      options,
      signal,
    );

  const dimensions = [...candidates.dimensions, studyDimension(priors.length)];
  const tasks = [...priors.map((prior) => ({ ...prior, y: alignedValues(prior, data) })), { x, y, cost }];
  const rows = tasks.flatMap((task, t) => task.x.map((row) => Float64Array.of(...row, (t + 1) % tasks.length)));
  const model = await surrogate.fit(
    {
      dimensions,
      x: pointMatrix(rows, dimensions.length),
      y: Float64Array.of(...tasks.flatMap((task) => [...task.y])),
      cost: Float64Array.of(...tasks.flatMap((task) => [...task.cost])),
    },
    options,
    signal,
  );
  const ask: SurrogatePosterior = (output, anchors, points, questionSignal) =>
    model(output, ofThisStudy(anchors), ofThisStudy(points), questionSignal);
  return withReport(ask, model.report);
}

/** 0: this study; 1, 2, …: earlier ones. */
function studyDimension(priors: number): Dimension {
  return { name: "(study)", kind: "categorical", categories: priors + 1 };
}

function ofThisStudy({ rows, columns, data }: Matrix): Matrix {
  const matrix = createMatrix(rows, columns + 1);
  for (let i = 0; i < rows; i++) matrix.data.set(data.subarray(i * columns, (i + 1) * columns), i * (columns + 1));
  return matrix;
}

/**
 * How many of n observations to infer hyperparameters from: all of few; of many, the last multiple of a power of two that is at most a
 * sixteenth of them. New hyperparameters are then inferred after a growth of 3 to 6%, and the choice depends on n alone, so that a
 * study that is resumed elsewhere goes on with the same models.
 */
export function inferenceSize(n: number): number {
  if (n < 32) return n;
  const step = 2 ** Math.floor(Math.log2(n / 16));
  return n - (n % step);
}
