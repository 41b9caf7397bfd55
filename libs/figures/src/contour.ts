import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberAxis, numberText, valueScheme } from "./style.ts";
import type { ParameterFacts } from "./trial-row.ts";

/** The model over two numeric parameters, all else as recommended: a grid in row-major order, the second parameter's rows from low to high. */
export interface ContourData {
  readonly x: ParameterFacts;
  readonly y: ParameterFacts;
  readonly metric: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  /** ys.length × xs.length. */
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly value: number;
    readonly number: number;
  }[];
  readonly recommended?: { readonly x: number; readonly y: number };
}

/** @param shown - the expected value, or how uncertain it is */
export function drawContour(data: ContourData, options: DrawOptions & { shown?: "mean" | "sd" } = {}): Drawing {
  const { shown = "mean" } = options;
  const { x, y, xs, ys, metric } = data;
  const values = shown === "mean" ? data.mean : data.sd;
  const label = shown === "mean" ? `expected ${metric}` : `standard deviation of ${metric}`;
  const cells = ys.flatMap((cellY, row) =>
    xs.map((cellX, column) => ({ x: cellX, y: cellY, z: values[row * xs.length + column] })),
  );
  return draw(
    {
      ariaLabel: `${label} over ${x.name} and ${y.name}`,
      height: options.height ?? 340,
      x: { label: x.name, ...numberAxis(x.log, xs, x.levels === "whole"), domain: [xs[0], xs.at(-1)!] },
      y: { label: y.name, ...numberAxis(y.log, ys, y.levels === "whole"), domain: [ys[0], ys.at(-1)!] },
      color: { ...valueScheme, label, legend: true },
      marks: [
        Plot.contour(cells, {
          x: "x",
          y: "y",
          fill: "z",
          blur: 0,
          stroke: "currentColor",
          strokeOpacity: 0.25,
          thresholds: 14,
          interpolate: "barycentric",
        }),
        Plot.dot(data.points, {
          x: "x",
          y: "y",
          r: 2.5,
          fill: "white",
          stroke: "black",
          title: (p: ContourData["points"][number]) => `trial ${p.number}: ${numberText(p.value)}`,
        }),
        ...(data.recommended
          ? [Plot.dot([data.recommended], { x: "x", y: "y", symbol: "star", r: 8, fill: color.best, stroke: "white" })]
          : []),
      ],
    },
    options,
  );
}
