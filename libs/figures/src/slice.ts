import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberAxis, numberText } from "./style.ts";
import { thin } from "./thin.ts";
import { completedRows, type ParameterFacts, type StudyFacts, type TrialRow } from "./trial-row.ts";

/** Value of the trials against one parameter, with the model's expectation along it where all else is as recommended. */
export interface SliceData {
  readonly parameter: ParameterFacts;
  readonly metric: string;
  readonly points: readonly { readonly at: number | string; readonly value: number; readonly number: number }[];
  /** Empty where there is no model yet. */
  readonly posterior: readonly {
    readonly at: number | string;
    readonly mean: number;
    /** Ends of the 95% interval. */
    readonly low: number;
    readonly high: number;
  }[];
  /** The recommended value. */
  readonly recommended?: number | string;
}

export function sliceData(
  study: StudyFacts,
  parameter: ParameterFacts,
  rows: readonly TrialRow[],
  limit = 600,
): Omit<SliceData, "posterior"> {
  const points = completedRows(rows).flatMap(({ number, value, parameters }) => {
    const at = parameters[parameter.name];
    return at === undefined ? [] : [{ at: typeof at === "number" ? at : String(at), value, number }];
  });
  return { parameter, metric: study.metric, points: thin(points, limit) };
}

export function drawSlice(
  { parameter, metric, points, posterior, recommended }: SliceData,
  options: DrawOptions = {},
): Drawing {
  const { name, kind, log, min, max, levels } = parameter;
  const category = kind === "category";
  const title = (p: { at: number | string; value: number; number: number }) =>
    `trial ${p.number}: ${name} ${typeof p.at === "number" ? numberText(p.at) : p.at}, ${metric} ${numberText(p.value)}`;
  // Where the model knows little its interval is wider than everything seen: the axis follows what was seen and expected.
  const shown = [...points.map(({ value }) => value), ...posterior.map(({ mean }) => mean)];
  const low = shown.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = shown.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const room = 0.15 * (high - low || Math.abs(high) || 1);
  const interval = {
    clip: true as const,
    x: "at",
    y1: "low",
    y2: "high",
  };
  return draw(
    {
      ariaLabel: `${metric} against ${name}, with the model's mean and 95% interval`,
      height: options.height ?? 220,
      grid: true,
      x: {
        label: name,
        ...(category ? { type: "point" } : numberAxis(log, [min ?? 0, max ?? 1], levels === "whole")),
      },
      y: { label: metric, nice: true, ...(shown.length > 0 ? { domain: [low - room, high + room] } : {}) },
      marks: [
        Plot.dot(points, { x: "at", y: "value", r: 3, fill: color.muted, fillOpacity: 0.6, title }),
        ...(category
          ? [
              Plot.ruleX(posterior, { ...interval, stroke: color.point, strokeWidth: 3, strokeOpacity: 0.4 }),
              Plot.dot(posterior, { x: "at", y: "mean", fill: color.point, r: 4 }),
            ]
          : [
              Plot.areaY(posterior, { ...interval, fill: color.point, fillOpacity: 0.2 }),
              Plot.line(posterior, { x: "at", y: "mean", stroke: color.point, strokeWidth: 2 }),
            ]),
        ...(recommended === undefined
          ? []
          : [Plot.ruleX([recommended], { stroke: color.best, strokeDasharray: "4 3" })]),
      ],
    },
    options,
  );
}
