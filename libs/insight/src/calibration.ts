import { fitObservations } from "./importance.ts";
import type { Observations } from "./observations.ts";

/** Fewer observations than this do not show whether a model is calibrated. */
const leastObservations = 8;

/** How well a model predicts each observation from all others. */
export interface Calibration {
  /** On the model's scale: lower is better, after the study's transform. */
  readonly points: readonly {
    readonly trial: number;
    readonly observed: number;
    readonly predicted: number;
    readonly sd: number;
  }[];
  /** Share of observations within their 95% interval, 0 to 1. */
  readonly coverage: number;
  /** Share of the observations' variance that the predictions explain; at most 1, below 0 for predictions worse than the mean. */
  readonly explained: number;
  readonly verdict: "good" | "overconfident" | "underconfident" | "uninformative" | "too-few";
  /** The verdict in a sentence. */
  readonly words: string;
}

/** Leave-one-out predictions of a Gaussian process fitted to the observations here (libs/gp, maximum posterior, at most 300 of them). */
export function calibrationOf(observations: Observations): Calibration {
  const { y, trials } = observations;
  if (trials.length < leastObservations) {
    const words = `${trials.length} observations are too few to judge the model; it takes ${leastObservations}.`;
    return { points: [], coverage: Number.NaN, explained: Number.NaN, verdict: "too-few", words };
  }
  const limit = 300;
  const kept = trials.length <= limit ? observations : latest(observations, limit);
  const { mean, variance } = fitObservations(kept, "objective", limit).leaveOneOut();
  const points = kept.trials.map((trial, i) => ({
    trial,
    observed: kept.y[i]!,
    predicted: mean[i]!,
    sd: Math.sqrt(variance[i]!),
  }));
  const inside = points.filter(({ observed, predicted, sd }) => Math.abs(observed - predicted) <= 1.96 * sd).length;
  const coverage = inside / points.length;
  const center = y.reduce((sum, value) => sum + value, 0) / y.length;
  const spread = points.reduce((sum, { observed }) => sum + (observed - center) ** 2, 0);
  const missed = points.reduce((sum, { observed, predicted }) => sum + (observed - predicted) ** 2, 0);
  const explained = spread > 0 ? 1 - missed / spread : 0;
  return { points, coverage, explained, ...judge(points.length, inside, explained) };
}

function judge(count: number, inside: number, explained: number): Pick<Calibration, "verdict" | "words"> {
  const covered = `${inside} of ${count} results lie within the 95% interval that the model predicts for them from the others`;
  const share = `it explains ${Math.max(0, Math.round(100 * explained))}% of their variation`;
  // Fewer than this happens once in a hundred times if each interval holds with 95%, by the normal approximation.
  const low = 0.95 * count - 2.33 * Math.sqrt(count * 0.95 * 0.05) - 1;
  if (inside < low)
    return { verdict: "overconfident", words: `Only ${covered}: the model is too sure of itself (${share}).` };
  if (explained < 0.1)
    return { verdict: "uninformative", words: `The model hardly tells good points from bad ones: ${share}.` };
  if (explained < 0.5 && inside === count && count >= 60)
    return {
      verdict: "underconfident",
      words: `All of the ${count} results lie within their 95% intervals: the model is less sure than it could be (${share}).`,
    };
  return { verdict: "good", words: `${covered[0]!.toUpperCase()}${covered.slice(1)}; ${share}.` };
}

/** The last `count` observations. */
function latest(observations: Observations, count: number): Observations {
  const { x, y, logCost, trials } = observations;
  const start = trials.length - count;
  return {
    ...observations,
    x: { rows: count, columns: x.columns, data: x.data.slice(start * x.columns) },
    y: y.slice(start),
    logCost: logCost.slice(start),
    trials: trials.slice(start),
  };
}
