import { keepsConstraints, type optimizer, pointFromProto, spaceFromProto } from "@superbatch/contracts";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import {
  type Dimension,
  dimensions,
  encode,
  type Point,
  type SearchSpace,
  validatePoint,
} from "@superbatch/search-space";

/** Values below this count as this where the model sees logarithms, as in the optimizer. */
const smallestValue = 1e-6;

/** Costs are above 0; this keeps the logarithm of what others may have stored finite. */
const smallestCost = 1e-9;

/** What a study has observed, as a model sees it. */
export interface Observations {
  readonly space: SearchSpace;
  /** The D columns of x. */
  readonly dimensions: readonly Dimension[];
  /** n × D, encoded. */
  readonly x: Matrix;
  /** n values, lower is better, after the study's transform. */
  readonly y: Float64Array;
  /** n natural logarithms of cost, that of earlier attempts included. */
  readonly logCost: Float64Array;
  /** n numbers of the trials. */
  readonly trials: readonly number[];
  /** n times whether the trial's metrics keep the study's outcome constraints. */
  readonly kept: readonly boolean[];
}

/** Sign that makes the study's objective one to minimize. */
export function signOf({ spec }: optimizer.Study): 1 | -1 {
  return spec?.objective?.goal === "GOAL_MAXIMIZE" ? -1 : 1;
}

/** The trial's point if it is one of the space, undefined if not: trials of earlier versions of a space may lie outside. */
export function pointInSpace(space: SearchSpace, trial: optimizer.Trial): Point | undefined {
  const point = pointFromProto(trial.parameters);
  return validatePoint(space, point).length === 0 ? point : undefined;
}

/** The completed trials within the study's present space. */
export function observationsOf(study: optimizer.Study, trials: readonly optimizer.Trial[]): Observations {
  const space = spaceFromProto(study.spec?.space);
  const columns = dimensions(space);
  const sign = signOf(study);
  const log = study.spec?.objective?.transform === "OBJECTIVE_TRANSFORM_LOG";
  const found = trials.flatMap((trial) => {
    const point = trial.measurement && pointInSpace(space, trial);
    return point ? [{ trial, point, measurement: trial.measurement! }] : [];
  });
  const x = createMatrix(found.length, columns.length);
  found.forEach(({ point }, i) => {
    x.data.set(encode(space, point), i * columns.length);
  });
  const scaled = (value: number) => (log ? Math.log(Math.max(value, smallestValue)) : sign * value);
  return {
    space,
    dimensions: columns,
    x,
    y: Float64Array.from(found, ({ measurement }) => scaled(measurement.value)),
    logCost: Float64Array.from(found, ({ measurement: { cost, priorCost } }) =>
      Math.log(Math.max((cost?.total ?? 0) + priorCost, smallestCost)),
    ),
    trials: found.map(({ trial }) => trial.number),
    kept: found.map(({ measurement }) => keepsConstraints(study.spec?.outcomeConstraints, measurement.metrics)),
  };
}
