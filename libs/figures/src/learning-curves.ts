import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw } from "./style.ts";

/** Learning curves of several trials, with the tracked variance reduction τ. */
export interface LearningCurveData {
  readonly metric: string;
  readonly costUnit: string;
  readonly curves: readonly LearningCurve[];
}

export interface LearningCurve {
  readonly number: number;
  /** In order of steps. */
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly step: number;
  /** Spent by then, in the study's unit. */
  readonly cost: number;
  readonly value: number;
  /** Absent for trainers without importance sampling. */
  readonly tau?: number;
  /** Whether importance sampling was on. */
  readonly importance: boolean;
}

/** Where each curve first has importance sampling on. */
export function switchPoints(data: LearningCurveData): (CurvePoint & { readonly number: number })[] {
  return data.curves.flatMap(({ number, points }) => {
    const first = points.find(({ importance }) => importance);
    return first ? [{ ...first, number }] : [];
  });
}

export function drawLearningCurves(
  data: LearningCurveData,
  options: DrawOptions & { axis?: "step" | "cost"; shown?: "value" | "tau" } = {},
): Drawing {
  const { axis = "step", shown = "value" } = options;
  const points = data.curves.flatMap(({ number, points }) =>
    points.map((point) => ({ ...point, trial: String(number) })),
  );
  const switches = switchPoints(data).map((point) => ({ ...point, trial: String(point.number) }));
  const label = shown === "value" ? data.metric : "variance reduction τ";
  const few = data.curves.length <= 10;
  return draw(
    {
      ariaLabel: `${label} of ${data.curves.length} trials while they trained; diamonds mark where importance sampling came on`,
      height: options.height ?? 260,
      grid: true,
      x: { label: axis === "step" ? "gradient steps" : `cost (${data.costUnit})` },
      y: { label, nice: true },
      color: few
        ? { legend: true, label: "trial", type: "categorical", domain: data.curves.map(({ number }) => String(number)) }
        : { range: [color.point] },
      marks: [
        Plot.line(points, {
          x: axis,
          y: shown,
          z: "trial",
          stroke: few ? "trial" : color.point,
          strokeOpacity: few ? 1 : 0.35,
        }),
        Plot.dot(switches, {
          x: axis,
          y: shown,
          symbol: "diamond",
          r: 5,
          fill: color.best,
          title: (p: { trial: string; step: number }) => `trial ${p.trial}: importance sampling on from step ${p.step}`,
        }),
      ],
    },
    options,
  );
}
