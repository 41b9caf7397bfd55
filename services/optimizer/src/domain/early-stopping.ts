import type { ProgressPoint, Trial } from "@superbatch/store";
import type { TrialExplanation } from "./explanation.ts";
import type { MedianStopping, Objective } from "./spec.ts";
import { medianOf } from "./suggest/median.ts";

/** The learning curve of one trial: its metric at ascending steps. */
export interface Curve {
  readonly trial: number;
  readonly points: readonly CurvePointWithCost[];
}

interface CurvePointWithCost {
  readonly step: number;
  readonly value: number;
  /** Of the attempt so far, in the study's unit; 0: not reported. */
  readonly cost: number;
}

/** The learning curve of a trial that has completed. */
export interface CompletedCurve extends Curve {
  readonly of: Trial;
}

/** Why a trial shall stop, in words, and how it would have ended, if the rule predicts that. */
export interface Stop {
  readonly reason: string;
  readonly extrapolation?: TrialExplanation["extrapolation"];
}

/** Curves of the objective's metric by trial; of each trial only the attempt that counts. */
export function curvesOf(
  points: readonly ProgressPoint[],
  metric: string,
  attemptOf: (trial: number) => number | undefined,
): Curve[] {
  const curves = new Map<number, CurvePointWithCost[]>();
  for (const { trial, attempt, step, metrics, cost } of points) {
    const value = metrics[metric];
    if (value === undefined || attempt !== attemptOf(trial)) continue;
    const curve = curves.get(trial) ?? [];
    curve.push({ step, value, cost: cost.total });
    curves.set(trial, curve);
  }
  return [...curves].map(([trial, curve]) => ({ trial, points: curve.sort((a, b) => a.step - b.step) }));
}

/**
 * The median rule of Google Vizier (Golovin et al. 2017, section 3.3.2): a running trial is stopped at step s if its best value up to s
 * is strictly worse than the median of the completed trials' averages up to s. Completed trials without a value up to s do not count.
 *
 * @returns undefined if the trial shall go on.
 */
export function medianRule(
  rule: MedianStopping,
  objective: Objective,
  running: Curve,
  completed: readonly Curve[],
): Stop | undefined {
  const step = running.points.at(-1)?.step;
  if (step === undefined || step < rule.minStep) return undefined;
  const sign = objective.goal === "maximize" ? -1 : 1;
  const averages = completed
    .map(({ points }) => points.filter((point) => point.step <= step))
    .filter((points) => points.length > 0)
    .map((points) => points.reduce((sum, { value }) => sum + sign * value, 0) / points.length);
  if (averages.length < Math.max(1, rule.minTrials)) return undefined;
  const best = Math.min(...running.points.map(({ value }) => sign * value));
  const middle = medianOf(averages);
  if (best <= middle) return undefined;
  const show = (value: number) => (sign * value).toPrecision(4);
  const reason = `its best ${objective.metric} up to step ${step}, ${show(best)}, is worse than the median ${show(middle)} of ${averages.length} trials`;
  return { reason };
}
