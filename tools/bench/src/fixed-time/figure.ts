import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { methods } from "./methods.ts";
import type { RunRecord } from "./records.ts";

/** Okabe & Ito's colors, which people with color-vision deficiency tell apart. */
const colors = ["#000000", "#56b4e9", "#d55e00", "#009e73"];
const width = 720;
const height = 400;
const legendHeight = 60;

/** An SVG: validation error of each run against the time spent (lines), and its test error at the end (dots). */
export function drawFigure(records: readonly RunRecord[]): string {
  const { document } = parseHTML("<html><body></body></html>");
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
  const panel = Plot.plot({
    document,
    width,
    height,
    marginLeft: 50,
    style: { background: "white", color: "black" },
    x: { label: "CPU seconds of training →", domain: [0, 1.03 * Math.max(...records.map(({ seconds }) => seconds))] },
    y: { label: "error, % (lines: validation; dots: test, at the end)", grid: true },
    color: { domain: methods.map(({ title }) => title), range: colors },
    marks: [
      Plot.line(lines, { x: "seconds", y: "error", z: "run", stroke: "title", strokeWidth: 1.3 }),
      Plot.dot(ends, { x: "seconds", y: "error", fill: "title", r: 4, stroke: "white" }),
    ],
  });
  panel.setAttribute("y", String(legendHeight));
  const legend = methods.map(({ title }, i) => {
    const [x, y] = [16 + (i % 2) * 340, 18 + Math.floor(i / 2) * 20];
    return `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${colors[i]}"/><text x="${x + 20}" y="${y}" font-size="12">${title}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + legendHeight}" width="${width}" height="${height + legendHeight}" font-family="system-ui, sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...legend,
    panel.outerHTML,
    "</svg>\n",
  ].join("\n");
}
