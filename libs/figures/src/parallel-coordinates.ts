import * as Plot from "@observablehq/plot";
import { type Drawing, type DrawOptions, draw, numberText, valueScheme } from "./style.ts";
import { thin } from "./thin.ts";
import {
  byValue,
  completedRows,
  type ParameterFacts,
  type ParameterValue,
  type StudyFacts,
  type TrialRow,
} from "./trial-row.ts";

/** One line for each trial across one axis for each parameter. */
export interface ParallelData {
  readonly metric: string;
  readonly axes: readonly ParallelAxis[];
  readonly lines: readonly ParallelLine[];
}

export interface ParallelAxis {
  readonly name: string;
  /** Texts along the axis, with their position from 0 to 1. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

export interface ParallelLine {
  readonly number: number;
  readonly value: number;
  /** One for each axis, from 0 to 1; undefined where the parameter is inactive. */
  readonly positions: readonly (number | undefined)[];
}

/** The best half of `limit` trials, and of the others evenly many. */
export function parallelData(study: StudyFacts, rows: readonly TrialRow[], limit = 240): ParallelData {
  const order = byValue(study);
  const completed = completedRows(rows).sort((a, b) => order(a.value, b.value));
  const shown = thin(completed, limit, (_, rank) => rank < limit / 2);
  const axes = study.parameters.map((parameter) => axisOf(parameter, completed));
  const lines = shown.map(({ number, value, parameters }) => ({
    number,
    value,
    positions: study.parameters.map((parameter, k) => axes[k].position(parameters[parameter.name])),
  }));
  return { metric: study.metric, axes: axes.map(({ name, ticks }) => ({ name, ticks })), lines };
}

interface Axis extends ParallelAxis {
  position(value: ParameterValue | undefined): number | undefined;
}

function axisOf(parameter: ParameterFacts, rows: readonly { parameters: TrialRow["parameters"] }[]): Axis {
  const { name, kind, log } = parameter;
  if (kind === "category") {
    const categories =
      parameter.categories ?? [...new Set(rows.map(({ parameters }) => String(parameters[name])))].sort();
    const at = (index: number) => (categories.length > 1 ? index / (categories.length - 1) : 0.5);
    return {
      name,
      ticks: categories.map((text, index) => ({ at: at(index), text })),
      position: (value) => (value === undefined ? undefined : at(Math.max(0, categories.indexOf(String(value))))),
    };
  }
  const values = rows
    .map(({ parameters }) => parameters[name])
    .filter((value): value is number => typeof value === "number");
  const min = parameter.min ?? values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = parameter.max ?? values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const map = log && min > 0 ? Math.log : (x: number) => x;
  const back = log && min > 0 ? Math.exp : (x: number) => x;
  const span = map(max) - map(min) || 1;
  return {
    name,
    ticks: values.length === 0 ? [] : [0, 0.5, 1].map((at) => ({ at, text: numberText(back(map(min) + at * span)) })),
    position: (value) => (typeof value === "number" ? (map(value) - map(min)) / span : undefined),
  };
}

export function drawParallel(data: ParallelData, options: DrawOptions = {}): Drawing {
  const names = data.axes.map(({ name }) => name);
  const points = data.lines.flatMap(({ number, value, positions }) =>
    positions.flatMap((at, k) => (at === undefined ? [] : [{ axis: names[k], at, value, number }])),
  );
  const ticks = data.axes.flatMap(({ name, ticks }) => ticks.map(({ at, text }) => ({ axis: name, at, text })));
  return draw(
    {
      ariaLabel: `Parameters of ${data.lines.length} trials as parallel coordinates, colored by ${data.metric}`,
      height: options.height ?? 300,
      marginLeft: 20,
      marginRight: 20,
      marginTop: 30,
      marginBottom: 16,
      x: { type: "point", padding: 0.3, domain: names, label: null, tickSize: 0, axis: "top" },
      y: { axis: null, domain: [0, 1] },
      color: { ...valueScheme, label: data.metric, legend: true },
      marks: [
        Plot.line(points, { x: "axis", y: "at", z: "number", stroke: "value", strokeOpacity: 0.55, strokeWidth: 1.2 }),
        Plot.ruleX(names, { strokeOpacity: 0.6 }),
        Plot.text(ticks, {
          x: "axis",
          y: "at",
          text: "text",
          dx: 6,
          textAnchor: "start",
          fontSize: 11,
          stroke: "var(--surface, white)",
          strokeWidth: 3,
          fill: "currentColor",
        }),
      ],
    },
    options,
  );
}
