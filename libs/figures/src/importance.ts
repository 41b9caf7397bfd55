import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, marginFor } from "./style.ts";

/** Share of the objective's variance that each parameter explains. */
export interface ImportanceData {
  readonly metric: string;
  /** From most to least important. */
  readonly parameters: readonly ParameterImportance[];
}

export interface ParameterImportance {
  readonly name: string;
  /** By itself, from 0 to 1. */
  readonly main: number;
  /** With all its interactions, at least `main` but for error of estimation. */
  readonly total: number;
}

export function drawImportance(data: ImportanceData, options: DrawOptions = {}): Drawing {
  const bars = data.parameters.flatMap(({ name, main, total }) => [
    { name, part: "by itself", share: Math.max(0, main) },
    { name, part: "in interactions", share: Math.max(0, total - main) },
  ]);
  return draw(
    {
      ariaLabel: `Share of the variance of ${data.metric} that each parameter explains`,
      height: options.height ?? 64 + 28 * data.parameters.length,
      marginLeft: marginFor(data.parameters.map(({ name }) => name)),
      marginTop: 10,
      x: { label: `share of the variance of ${data.metric} (%)`, percent: true, grid: true },
      y: { label: null, domain: data.parameters.map(({ name }) => name) },
      color: { domain: ["by itself", "in interactions"], range: [color.point, color.muted], legend: true },
      marks: [Plot.barX(bars, { x: "share", y: "name", fill: "part" }), Plot.ruleX([0])],
    },
    options,
  );
}
