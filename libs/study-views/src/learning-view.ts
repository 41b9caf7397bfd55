import { keepsConstraints, type optimizer } from "@superbatch/contracts";
import type { LearningCurveData, StudyFacts } from "@superbatch/figures";
import { factsOf, rowsOf } from "./facts.ts";
import type { ViewContext, ViewQuery } from "./view-context.ts";

/** Learning curves of trials: those asked for, else the best and the latest. */
export async function curves(context: ViewContext, query: ViewQuery): Promise<LearningCurveData> {
  const { reader, study, trials, signal } = context;
  const facts = factsOf(study);
  const asked = (query.trials ?? "")
    .split(",")
    .filter((text) => /^\d+$/.test(text))
    .map(Number)
    .slice(0, 40);
  const numbers = asked.length > 0 ? asked : notableTrials(facts, study, trials, 10);
  const names = numbers.map((number) => `${study.name}/trials/${number}`);
  const found = await Promise.all(names.map((name) => reader.getTrial({ name }, { signal })));
  return {
    metric: facts.metric,
    costUnit: facts.costUnit,
    curves: found.map(({ trial }) => ({ number: trial!.number, points: curveOf(facts, trial!) })),
  };
}

/** Half the best, half the latest that have a curve. */
function notableTrials(
  facts: StudyFacts,
  { spec }: optimizer.Study,
  trials: readonly optimizer.Trial[],
  count: number,
): number[] {
  const keeping = new Set(
    trials.flatMap(({ number, measurement }) =>
      measurement && keepsConstraints(spec?.outcomeConstraints, measurement.metrics) ? [number] : [],
    ),
  );
  const rows = rowsOf(trials).filter(({ state }) => state === "completed" || state === "running");
  const sign = facts.minimize ? 1 : -1;
  const best = rows.filter(({ number }) => keeping.has(number)).sort((a, b) => sign * (a.value! - b.value!));
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
