import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, marginFor, stateColors } from "./style.ts";
import { thin } from "./thin.ts";
import type { StudyFacts, TrialRow, TrialState } from "./trial-row.ts";

/** Who trained what, when. */
export interface TimelineData {
  readonly bars: readonly TimelineBar[];
  readonly losses: readonly LeaseLoss[];
}

export interface TimelineBar {
  readonly number: number;
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  readonly state: keyof typeof stateColors;
  readonly attempts: number;
}

/** A lease that ran out because its trainer was gone. */
export interface LeaseLoss {
  readonly number: number;
  readonly worker: string;
  readonly time: number;
}

/** A trial, or one attempt of it. */
export type TimelineRow = Omit<TrialRow, "state"> & { readonly state: TrialState | "lost" };

/** @param now - end of what still runs, milliseconds since the epoch */
export function timelineData(
  _study: StudyFacts,
  rows: readonly TimelineRow[],
  losses: readonly LeaseLoss[],
  now: number,
  limit = 1500,
): TimelineData {
  const bars = rows.flatMap(({ number, worker, startTime, endTime, state, stoppedEarly, attempts }) =>
    startTime === undefined || worker === ""
      ? []
      : [
          {
            number,
            worker,
            start: startTime,
            end: endTime ?? now,
            attempts,
            state: state === "completed" && stoppedEarly ? ("stopped early" as const) : state,
          },
        ],
  );
  bars.sort((a, b) => a.start - b.start);
  return { bars: thin(bars, limit, ({ attempts }) => attempts > 1), losses: thin(losses, limit) };
}

export function drawTimeline(data: TimelineData, options: DrawOptions = {}): Drawing {
  const workers = [...new Set([...data.bars, ...data.losses].map(({ worker }) => worker))].sort();
  const used = [...new Set(data.bars.map(({ state }) => state))];
  return draw(
    {
      ariaLabel: `What each of ${workers.length} trainers did when; crosses mark lost leases`,
      height: options.height ?? 64 + 26 * Math.min(workers.length, 40),
      marginLeft: marginFor(workers),
      marginTop: 10,
      x: { type: "time", label: null, grid: true },
      y: { domain: workers, label: null },
      color: { domain: used, range: used.map((state) => stateColors[state]), legend: true },
      marks: [
        Plot.barX(data.bars, {
          x1: (bar: TimelineBar) => new Date(bar.start),
          x2: (bar: TimelineBar) => new Date(bar.end),
          y: "worker",
          fill: "state",
          // However short it was, there is something to see.
          stroke: "state",
          strokeWidth: 0.5,
          title: (bar: TimelineBar) =>
            `trial ${bar.number}, ${bar.state}, ${((bar.end - bar.start) / 1000).toFixed(1)} s${bar.attempts > 1 ? `, attempt ${bar.attempts}` : ""}`,
        }),
        Plot.dot(data.losses, {
          x: (loss: LeaseLoss) => new Date(loss.time),
          y: "worker",
          symbol: "times",
          stroke: color.best,
          strokeWidth: 2,
          r: 5,
          title: (loss: LeaseLoss) => `lease of trial ${loss.number} lost`,
        }),
      ],
    },
    options,
  );
}
