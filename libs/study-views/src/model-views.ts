import type { optimizer } from "@superbatch/contracts";
import type {
  CalibrationData,
  ContourData,
  ImportanceData,
  ParameterValue,
  SliceData,
  TradeOffData,
} from "@superbatch/figures";
import { sliceData, thin } from "@superbatch/figures";
import {
  type Calibration,
  calibrationOf,
  diagnoseStudy,
  type Finding,
  observationsOf,
  parameterImportance,
} from "@superbatch/insight";
import { factsOf, rowsOf } from "./facts.ts";
import { grid, predict, recommendation, seesLogarithms, withoutFidelities } from "./model-at.ts";
import { type ViewContext, ViewError, type ViewQuery } from "./view-context.ts";

/** Observations that a model is fitted to here: more add little to what figures show, and cost seconds. */
const modelSize = 2_000;

/** How much each parameter matters, by the model. */
export function importance({ study, trials }: ViewContext): ImportanceData {
  const parameters = parameterImportance(observationsOf(study, latestCompleted(trials, modelSize)));
  const { metric } = factsOf(study);
  return { metric, parameters: parameters.map(({ name, first, total }) => ({ name, main: first, total })) };
}

/** How well the model predicts each result from the others, and what stands out, in words. */
export function model({ study, trials, now }: ViewContext): {
  calibration: CalibrationData;
  words: Calibration["words"];
  findings: Finding[];
} {
  const shown = latestCompleted(trials, modelSize);
  const { points, words } = calibrationOf(observationsOf(study, shown));
  const { metric } = factsOf(study);
  const calibration = {
    // The model sees the objective as the study transforms it.
    metric: seesLogarithms(study) ? `log ${metric}` : metric,
    points: points.map(({ trial, observed, predicted, sd }) => ({ number: trial, observed, mean: predicted, sd })),
  };
  return { calibration, words, findings: diagnoseStudy({ study, trials: shown, now }) };
}

/** The learned trade-off between each fidelity, error and cost at the recommended configuration. */
export async function tradeoff(context: ViewContext): Promise<TradeOffData[]> {
  const facts = factsOf(context.study);
  const recommended = await recommendation(context);
  const fidelities = facts.parameters.filter(({ target, kind }) => target !== undefined && kind === "number");
  return Promise.all(
    fidelities.map(async (parameter) => {
      const values = grid(parameter, 24);
      const predictions = await predict(
        context,
        values.map((value) => ({ ...recommended, [parameter.name]: value })),
      );
      const points = predictions.map(({ mean, low, high, expectedCost }, i) => ({
        fidelity: values[i],
        mean,
        low,
        high,
        cost: expectedCost,
      }));
      const { metric, costUnit } = facts;
      const logValue = seesLogarithms(context.study);
      return { fidelity: parameter.name, log: parameter.log, logValue, metric, costUnit, points };
    }),
  );
}

/** The model along each hyperparameter, with the others as recommended. */
export async function slices(context: ViewContext): Promise<SliceData[]> {
  const facts = factsOf(context.study);
  const rows = rowsOf(context.trials);
  const recommended = await recommendation(context);
  const atTarget = withoutFidelities(facts, recommended);
  const parameters = facts.parameters.filter(({ target }) => target === undefined);
  const along = parameters.map((parameter): readonly ParameterValue[] => {
    const value = recommended[parameter.name];
    // A parameter that is inactive in the recommendation has no slice through it.
    if (value === undefined) return [];
    return parameter.kind === "number"
      ? grid(parameter, 41)
      : parameter.categories!.map((text) => categoryValue(value, text));
  });
  const points = parameters.flatMap(({ name }, p) => along[p]!.map((at) => ({ ...atTarget, [name]: at })));
  // All at once: the model is then asked for once.
  const predictions = points.length === 0 ? [] : await predict(context, points);
  let first = 0;
  return parameters.map((parameter, p) => {
    const posterior = along[p]!.map((at, i) => {
      const { mean, low, high } = predictions[first + i]!;
      return { at: plain(at), mean, low, high };
    });
    first += posterior.length;
    const value = recommended[parameter.name];
    const data = { ...sliceData(facts, parameter, rows), posterior };
    return value === undefined ? data : { ...data, recommended: plain(value) };
  });
}

/** The model over two numeric hyperparameters, `x` and `y` of the query. */
export async function contour(context: ViewContext, query: ViewQuery): Promise<ContourData> {
  const facts = factsOf(context.study);
  const numeric = facts.parameters.filter(({ kind, target }) => kind === "number" && target === undefined);
  const [x, y] = [query.x, query.y].map((name, i) => {
    const found = name === undefined || name === "" ? numeric[i] : numeric.find((parameter) => parameter.name === name);
    if (!found) throw new ViewError(`${i === 0 ? "x" : "y"}: must be a numeric hyperparameter of the study`);
    return found;
  });
  const recommended = await recommendation(context);
  const atTarget = withoutFidelities(facts, recommended);
  const [xs, ys] = [grid(x, 31), grid(y, 31)];
  const predictions = await predict(
    context,
    ys.flatMap((b) => xs.map((a) => ({ ...atTarget, [x.name]: a, [y.name]: b }))),
  );
  const points = thin(
    rowsOf(context.trials).filter(({ state }) => state === "completed"),
    400,
  ).flatMap(({ number, value, parameters }) => {
    const [a, b] = [parameters[x.name], parameters[y.name]];
    return typeof a === "number" && typeof b === "number" ? [{ x: a, y: b, value: value!, number }] : [];
  });
  const [a, b] = [recommended[x.name], recommended[y.name]];
  return {
    x,
    y,
    metric: facts.metric,
    xs,
    ys,
    mean: predictions.map(({ mean }) => mean),
    sd: predictions.map(({ sd }) => sd),
    points,
    ...(typeof a === "number" && typeof b === "number" ? { recommended: { x: a, y: b } } : {}),
  };
}

function latestCompleted(trials: readonly optimizer.Trial[], count: number): readonly optimizer.Trial[] {
  return trials.length <= count ? trials : trials.slice(-count);
}

function categoryValue(like: ParameterValue, text: string): ParameterValue {
  return typeof like === "boolean" ? text === "true" : text;
}

function plain(value: ParameterValue): number | string {
  return typeof value === "boolean" ? String(value) : value;
}
