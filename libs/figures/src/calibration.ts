import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberText } from "./style.ts";

/** Each observation as the model predicts it from all the others. */
export interface CalibrationData {
  readonly metric: string;
  readonly points: readonly {
    readonly number: number;
    readonly observed: number;
    readonly mean: number;
    readonly sd: number;
  }[];
}

/** Share of observations inside their 95% interval; NaN without any. */
export function coverage({ points }: CalibrationData): number {
  return points.filter(({ observed, mean, sd }) => Math.abs(observed - mean) <= 1.96 * sd).length / points.length;
}

export function drawCalibration(data: CalibrationData, options: DrawOptions = {}): Drawing {
  const inside = (p: CalibrationData["points"][number]) => Math.abs(p.observed - p.mean) <= 1.96 * p.sd;
  const values = data.points.flatMap(({ observed, mean }) => [observed, mean]);
  const ends = [
    values.reduce((a, b) => Math.min(a, b), values[0] ?? 0),
    values.reduce((a, b) => Math.max(a, b), values[0] ?? 1),
  ];
  return draw(
    {
      ariaLabel: `Observed ${data.metric} against its prediction from all other trials, with 95% intervals`,
      height: options.height ?? 320,
      grid: true,
      x: { label: `observed ${data.metric}` },
      y: { label: "predicted from the others", nice: true },
      marks: [
        Plot.line(ends, { x: (v: number) => v, y: (v: number) => v, stroke: color.muted, strokeDasharray: "4 3" }),
        Plot.ruleX(data.points, {
          x: "observed",
          y1: (p) => p.mean - 1.96 * p.sd,
          y2: (p) => p.mean + 1.96 * p.sd,
          stroke: (p) => (inside(p) ? color.point : color.best),
          strokeOpacity: 0.5,
        }),
        Plot.dot(data.points, {
          x: "observed",
          y: "mean",
          r: 3,
          fill: (p) => (inside(p) ? color.point : color.best),
          title: (p) =>
            `trial ${p.number}: observed ${numberText(p.observed)}, expected ${numberText(p.mean)} ± ${numberText(1.96 * p.sd)}`,
        }),
      ],
    },
    options,
  );
}
