import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberText } from "./style.ts";
import { thin } from "./thin.ts";
import { byValue, completedRows, type StudyFacts, type TrialRow } from "./trial-row.ts";

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
  /** Best value so far. */
  readonly best: number;
  /** Whether this trial is the best so far. */
  readonly incumbent: boolean;
}

export type HistoryAxis = "trials" | "cost" | "seconds";

export function historyData(study: StudyFacts, rows: readonly TrialRow[], limit = 1500): HistoryData {
  const order = byValue(study);
  const ended = rows
    .filter((row) => row.endTime !== undefined)
    .sort((a, b) => a.endTime! - b.endTime! || a.number - b.number);
  const begin = rows.reduce(
    (first, row) => Math.min(first, row.startTime ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
  let cost = 0;
  let trials = 0;
  let best: number | undefined;
  const points: HistoryPoint[] = [];
  for (const row of ended) {
    cost += row.cost.total;
    if (row.state !== "completed" || row.value === undefined) continue;
    trials++;
    const incumbent = best === undefined || order(row.value, best) < 0;
    if (incumbent) best = row.value;
    const seconds = Math.max(0, (row.endTime! - begin) / 1000);
    points.push({ number: row.number, value: row.value, cost, trials, seconds, best: best!, incumbent });
  }
  const last = points.length - 1;
  const { metric, costUnit, minimize } = study;
  return {
    metric,
    costUnit,
    minimize,
    completed: trials,
    points: thin(points, limit, (p, i) => p.incumbent || i === last),
  };
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
          r: 2.5,
          fill: color.point,
          fillOpacity: 0.55,
          href: (p: HistoryPoint) => `#trial-${p.number}`,
          title: (p: HistoryPoint) => `trial ${p.number}: ${numberText(p.value)}`,
        }),
        Plot.line(data.points, { x: axis, y: "best", curve: "step-after", stroke: color.best, strokeWidth: 2 }),
        Plot.dot(
          data.points.filter((p) => p.incumbent),
          {
            x: axis,
            y: "value",
            r: 4,
            fill: color.best,
            title: (p: HistoryPoint) => `trial ${p.number}: ${numberText(p.value)}, the best so far`,
          },
        ),
      ],
    },
    options,
  );
}

/** Best value of all, undefined without one. */
export function bestRow(study: StudyFacts, rows: readonly TrialRow[]): TrialRow | undefined {
  const order = byValue(study);
  return completedRows(rows).reduce<ReturnType<typeof completedRows>[number] | undefined>(
    (best, row) => (best && order(best.value, row.value) <= 0 ? best : row),
    undefined,
  );
}
