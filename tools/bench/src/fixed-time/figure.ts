import * as Plot from "@observablehq/plot";
import { drawPanel } from "../figure.ts";
import { methods } from "./methods.ts";
import type { RunRecord } from "./records.ts";

/** Okabe & Ito's colors, which people with color-vision deficiency tell apart. */
const colors = ["#000000", "#56b4e9", "#d55e00", "#009e73"];

/** An SVG: validation error of each run against the time spent (lines), and its test error at the end (dots). */
export function drawFigure(records: readonly RunRecord[]): string {
  const titleOf = new Map(methods.map(({ name, title }) => [name, title]));
  const lines = records.flatMap(({ method, seed, curve }) =>
    curve.map((point) => ({
      title: titleOf.get(method)!,
      run: `${method} ${seed}`,
      seconds: point.seconds,
      error: 100 * point.validationError,
    })),
  );
  const ends = records.map(({ method, seconds, testError }) => ({
    title: titleOf.get(method)!,
    seconds,
    error: 100 * testError,
  }));
  const legend = methods.map(({ title }, i) => [title, colors[i]!] as const);
  return drawPanel(legend, {
    x: { label: "CPU seconds of training →", domain: [0, 1.03 * Math.max(...records.map(({ seconds }) => seconds))] },
    y: { label: "error, % (lines: validation; dots: test, at the end)", grid: true },
    marks: [
      Plot.line(lines, { x: "seconds", y: "error", z: "run", stroke: "title", strokeWidth: 1.3 }),
      Plot.dot(ends, { x: "seconds", y: "error", fill: "title", r: 4, stroke: "white" }),
    ],
  });
}
