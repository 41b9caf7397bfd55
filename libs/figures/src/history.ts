import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberText } from "./style.ts";
import { thin } from "./thin.ts";
import type { StudyFacts } from "./trial-row.ts";

/** Value of each completed trial and the best so far, against what has been spent. */
export interface HistoryData {
  readonly metric: string;
  readonly costUnit: string;
  readonly minimize: boolean;
  readonly points: readonly HistoryPoint[];
  /** Completed trials, of which `points` may be a sample. */
  readonly completed: number;
}

export interface HistoryPoint {
  readonly number: number;
  readonly value: number;
  /** Of all trials that had ended by then, failed ones included; in the study's unit. */
  readonly cost: number;
  /** Completed trials by then, from 1. */
  readonly trials: number;
  /** Seconds since the first trial started. */
  readonly seconds: number;
  /** Best value so far; null as long as no trial keeps the study's outcome constraints. */
  readonly best: number | null;
  /** Whether this trial is the best so far. */
  readonly incumbent: boolean;
}

export type HistoryAxis = "trials" | "cost" | "seconds";

/** A completed trial with what was known when it ended, in the order of completion. */
export interface HistoryRow {
  readonly trial: number;
  readonly value: number;
  readonly spent: number;
  readonly best: number | null;
  readonly bestTrial: number | null;
  /** Milliseconds since the epoch. */
  readonly endTime: number;
}

/**
 * @param rows - of all completed trials
 * @param begin - when the first trial started, milliseconds since the epoch
 * @param limit - points at most; those that became the best stay
 */
export function historyData(study: StudyFacts, rows: readonly HistoryRow[], begin: number, limit = 1500): HistoryData {
  const points = rows.map(
    ({ trial, value, spent, best, bestTrial, endTime }, index): HistoryPoint => ({
      number: trial,
      value,
      cost: spent,
      trials: index + 1,
      seconds: Math.max(0, (endTime - begin) / 1000),
      best,
      incumbent: bestTrial === trial,
    }),
  );
  const { metric, costUnit, minimize } = study;
  const last = points.length - 1;
  const shown = thin(points, limit, ({ incumbent }, index) => incumbent || index === last);
  return { metric, costUnit, minimize, completed: points.length, points: shown };
}

/** @param axis - what the value is drawn against; cost is what a budget is spent in */
export function drawHistory(
  data: HistoryData,
  options: DrawOptions & { axis?: HistoryAxis; log?: boolean } = {},
): Drawing {
  const { axis = "cost", log = false } = options;
  const labels = { trials: "completed trials", cost: `cost (${data.costUnit})`, seconds: "time since the start (s)" };
  return draw(
    {
      ariaLabel: `${data.metric} of ${data.completed} completed trials against ${labels[axis]}, with the best so far`,
      height: options.height ?? 280,
      grid: true,
      x: { label: labels[axis] },
      y: { label: data.metric, ...(log ? { type: "log" } : {}), nice: true },
      marks: [
        Plot.dot(data.points, {
          x: axis,
          y: "value",
          r: data.points.length > 200 ? 2.5 : 4,
          fill: color.point,
          fillOpacity: 0.75,
          title: (p: HistoryPoint) => `trial ${p.number}: ${numberText(p.value)}`,
        }),
        Plot.line(data.points, { x: axis, y: "best", curve: "step-after", stroke: color.best, strokeWidth: 2 }),
        Plot.dot(
          data.points.filter((p) => p.incumbent),
          {
            x: axis,
            y: "value",
            r: 5,
            fill: color.best,
            title: (p: HistoryPoint) => `trial ${p.number}: ${numberText(p.value)}, the best so far`,
          },
        ),
      ],
    },
    options,
  );
}
