import { type optimizer, pointFromProto, pointToProto, spaceFromProto } from "@superbatch/contracts";
import {
  type CalibrationData,
  type ContourData,
  costData,
  distributionData,
  fidelityData,
  historyData,
  type ImportanceData,
  type LearningCurveData,
  type LeaseLoss,
  type ParameterFacts,
  type ParameterValue,
  parallelData,
  type SliceData,
  type StudyFacts,
  sliceData,
  type TradeOffData,
  type TrialRow,
  thin,
  timelineData,
} from "@superbatch/figures";
import {
  bestSoFar,
  type Calibration,
  calibrationOf,
  diagnoseStudy,
  type Finding,
  observationsOf,
  parameterImportance,
} from "@superbatch/insight";
import { complete } from "@superbatch/search-space";
import { JsonError } from "../door/door.ts";
import { type OptimizerServiceClient, withToken } from "./client.ts";
import { factsOf, rowOf } from "./facts.ts";

/** What a view is made from. */
export interface ViewContext {
  readonly client: OptimizerServiceClient;
  readonly study: optimizer.Study;
  readonly trials: readonly optimizer.Trial[];
  readonly token: string | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Observations that a model is fitted to here: more add little to what figures show, and cost seconds. */
const modelSize = 2_000;

/** What a figure of a study shows, by the figure's name. */
export const views = {
  /** What has been reached, what was chosen, what it cost: the first look. */
  overview({ study, trials }: ViewContext) {
    const facts = factsOf(study);
    const rows = trials.map(rowOf);
    return {
      facts,
      history: historyOf(study, facts, trials, rows),
      fidelities: fidelityData(facts, rows),
      cost: costData(facts, rows),
    };
  },

  parallel: ({ study, trials }: ViewContext) => parallelData(factsOf(study), trials.map(rowOf)),

  distribution: ({ study, trials }: ViewContext) => distributionData(factsOf(study), trials.map(rowOf)),

  timeline({ study, trials, now }: ViewContext) {
    const losses = trials.flatMap(({ number, attemptHistory }): LeaseLoss[] =>
      attemptHistory.flatMap(({ outcome, worker, endTime }) =>
        outcome === "ATTEMPT_OUTCOME_EXPIRED" && endTime ? [{ number, worker, time: endTime.getTime() }] : [],
      ),
    );
    return timelineData(factsOf(study), attemptRows(trials), losses, now);
  },

  importance({ study, trials }: ViewContext): ImportanceData {
    const parameters = parameterImportance(observationsOf(study, latestCompleted(trials, modelSize)));
    const { metric } = factsOf(study);
    return { metric, parameters: parameters.map(({ name, first, total }) => ({ name, main: first, total })) };
  },

  /** How well the model predicts each result from the others, and what stands out, in words. */
  model({ study, trials, now }: ViewContext): {
    calibration: CalibrationData;
    words: Calibration["words"];
    findings: Finding[];
  } {
    const shown = latestCompleted(trials, modelSize);
    const { points, words } = calibrationOf(observationsOf(study, shown));
    const calibration = {
      metric: factsOf(study).metric,
      points: points.map(({ trial, observed, predicted, sd }) => ({ number: trial, observed, mean: predicted, sd })),
    };
    return { calibration, words, findings: diagnoseStudy({ study, trials: shown, now }) };
  },

  /** Learning curves of trials: those asked for, else the best and the latest. */
  async curves(context: ViewContext, query: Query): Promise<LearningCurveData> {
    const { client, study, trials, token, signal } = context;
    const facts = factsOf(study);
    const asked = (query.trials ?? "")
      .split(",")
      .filter((text) => /^\d+$/.test(text))
      .map(Number)
      .slice(0, 40);
    const numbers = asked.length > 0 ? asked : notableTrials(facts, trials, 10);
    const names = numbers.map((number) => `${study.name}/trials/${number}`);
    const found = await Promise.all(names.map((name) => client.getTrial({ name }, { ...withToken(token), signal })));
    return {
      metric: facts.metric,
      costUnit: facts.costUnit,
      curves: found.map(({ trial }) => ({ number: trial!.number, points: curveOf(facts, trial!) })),
    };
  },

  /** The learned trade-off between each fidelity, error and cost at the recommended configuration. */
  async tradeoff(context: ViewContext): Promise<TradeOffData[]> {
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
        const points = predictions.map(({ mean, sd, expectedCost }, i) => ({
          fidelity: values[i],
          mean,
          sd,
          cost: expectedCost,
        }));
        return { fidelity: parameter.name, log: parameter.log, metric: facts.metric, costUnit: facts.costUnit, points };
      }),
    );
  },

  async slices(context: ViewContext): Promise<SliceData[]> {
    const facts = factsOf(context.study);
    const rows = context.trials.map(rowOf);
    const recommended = await recommendation(context);
    const atTarget = withoutFidelities(facts, recommended);
    const parameters = facts.parameters.filter(({ target }) => target === undefined);
    return Promise.all(
      parameters.map(async (parameter) => {
        const value = recommended[parameter.name];
        const data = sliceData(facts, parameter, rows);
        // A parameter that is inactive in the recommendation has no slice through it.
        if (value === undefined) return { ...data, posterior: [] };
        const along =
          parameter.kind === "number"
            ? grid(parameter, 41)
            : parameter.categories!.map((text) => categoryValue(value, text));
        const predictions = await predict(
          context,
          along.map((at) => ({ ...atTarget, [parameter.name]: at })),
        );
        const posterior = predictions.map(({ mean, sd }, i) => ({ at: plain(along[i]), mean, sd }));
        return { ...data, posterior, recommended: plain(value) };
      }),
    );
  },

  async contour(context: ViewContext, query: Query): Promise<ContourData> {
    const facts = factsOf(context.study);
    const numeric = facts.parameters.filter(({ kind, target }) => kind === "number" && target === undefined);
    const [x, y] = [query.x, query.y].map((name, i) => {
      const found =
        name === undefined || name === "" ? numeric[i] : numeric.find((parameter) => parameter.name === name);
      if (!found) throw new JsonError(`${i === 0 ? "x" : "y"}: must be a numeric hyperparameter of the study`);
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
      context.trials.map(rowOf).filter(({ state }) => state === "completed"),
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
  },
} satisfies Record<string, (context: ViewContext, query: Query) => unknown>;

export type ViewName = keyof typeof views;
export type Query = Readonly<Record<string, string | undefined>>;
type Values = Readonly<Record<string, ParameterValue>>;

function historyOf(
  study: optimizer.Study,
  facts: StudyFacts,
  trials: readonly optimizer.Trial[],
  rows: readonly TrialRow[],
) {
  const ends = new Map(rows.map(({ number, endTime }) => [number, endTime ?? 0]));
  const begin = rows.reduce((first, { startTime }) => Math.min(first, startTime ?? first), Number.POSITIVE_INFINITY);
  const history = bestSoFar(study, trials).map((row) => ({ ...row, endTime: ends.get(row.trial)! }));
  return historyData(facts, history, begin);
}

/** One row for each attempt of trials that took several. */
function attemptRows(trials: readonly optimizer.Trial[]): TrialRow[] {
  return trials.flatMap((trial) => {
    const row = rowOf(trial);
    if (trial.attemptHistory.length < 2) return [row];
    return trial.attemptHistory.map((attempt, i) => {
      const { startTime: _, endTime: __, ...rest } = row;
      const last = i === trial.attemptHistory.length - 1;
      const [start, end] = [attempt.startTime, attempt.endTime];
      return {
        ...rest,
        worker: attempt.worker,
        attempts: attempt.number,
        state: last ? row.state : "abandoned",
        ...(start ? { startTime: start.getTime() } : {}),
        ...(end ? { endTime: end.getTime() } : {}),
      };
    });
  });
}

function latestCompleted(trials: readonly optimizer.Trial[], count: number): readonly optimizer.Trial[] {
  return trials.length <= count ? trials : trials.slice(-count);
}

/** Half the best, half the latest that have a curve. */
function notableTrials(facts: StudyFacts, trials: readonly optimizer.Trial[], count: number): number[] {
  const rows = trials.map(rowOf).filter(({ state }) => state === "completed" || state === "running");
  const sign = facts.minimize ? 1 : -1;
  const best = rows.filter(({ value }) => value !== undefined).sort((a, b) => sign * (a.value! - b.value!));
  const chosen = new Set([...best.slice(0, count / 2), ...rows.slice(-count / 2)].map(({ number }) => number));
  return [...chosen].sort((a, b) => a - b);
}

function curveOf(
  { metric }: StudyFacts,
  { progress, measurement }: optimizer.Trial,
): LearningCurveData["curves"][number]["points"] {
  const points = progress.flatMap(({ step, metrics, cost }) => {
    const value = metrics[metric];
    const { tau, importance_sampling: on = 0 } = metrics;
    return value === undefined
      ? []
      : [{ step, cost: cost?.total ?? 0, value, importance: on > 0, ...(tau === undefined ? {} : { tau }) }];
  });
  const steps = measurement?.metrics.steps;
  const last = points.at(-1);
  if (!measurement || steps === undefined || (last && last.step >= steps)) return points;
  return [...points, { step: steps, cost: measurement.cost?.total ?? 0, value: measurement.value, importance: false }];
}

async function recommendation({ client, study, token, signal }: ViewContext): Promise<Values> {
  const { parameters } = await client.getRecommendation({ study: study.name }, { ...withToken(token), signal });
  return pointFromProto(parameters);
}

/** The model at points. Parameters that become active with others' values get the middle of their domain; fidelities that are absent are at their targets. */
async function predict(
  { client, study, token, signal }: ViewContext,
  points: readonly Values[],
): Promise<readonly optimizer.Prediction[]> {
  const space = spaceFromProto(study.spec?.space);
  const valid = points.map((point) => {
    const absent = new Set(
      space.parameters.filter(({ name, fidelity }) => fidelity && point[name] === undefined).map(({ name }) => name),
    );
    return Object.fromEntries(Object.entries(complete(space, point)).filter(([name]) => !absent.has(name)));
  });
  const request = { study: study.name, points: valid.map((point) => ({ parameters: pointToProto(point) })) };
  return (await client.queryPosterior(request, { ...withToken(token), signal })).predictions;
}

/** Fidelities that are left out are at their targets, where quality counts. */
function withoutFidelities(facts: StudyFacts, values: Values): Values {
  const fidelities = new Set(facts.parameters.filter(({ target }) => target !== undefined).map(({ name }) => name));
  return Object.fromEntries(Object.entries(values).filter(([name]) => !fidelities.has(name)));
}

/** At most `count` possible values of a number, evenly spaced on its scale, both ends among them. */
function grid({ min = 0, max = 1, log, levels }: ParameterFacts, count: number): number[] {
  if (levels && levels !== "whole") return thin(levels, count);
  const at = (share: number) => (log ? min * (max / min) ** share : min + (max - min) * share);
  const values = Array.from({ length: count }, (_, i) => at(i / (count - 1)));
  values[0] = min;
  values[count - 1] = max;
  return levels === "whole" ? [...new Set(values.map(Math.round))] : values;
}

function categoryValue(like: ParameterValue, text: string): ParameterValue {
  return typeof like === "boolean" ? text === "true" : text;
}

function plain(value: ParameterValue): number | string {
  return typeof value === "boolean" ? String(value) : value;
}
