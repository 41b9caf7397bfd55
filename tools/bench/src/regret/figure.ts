import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { methods } from "./methods.ts";
import { problems } from "./problems.ts";
import type { StudyRecord } from "./records.ts";
import { checkpoints } from "./study.ts";
import { quantile } from "./summary.ts";

/** Regret below this is drawn at it: the axis is logarithmic. */
const floor = 1e-6;

interface Place {
  readonly cost: number;
  readonly title: string;
  readonly lower: number;
  readonly median: number;
  readonly upper: number;
  readonly worst: number;
}

/** Methods in the figure, with colors that people with color-vision deficiency tell apart (Okabe & Ito). */
const colors: Readonly<Record<string, string>> = {
  "entropy-search": "#d55e00",
  "botorch-mf-kg": "#56b4e9",
  "botorch-mf-mes": "#0072b2",
  "expected-improvement": "#009e73",
  "entropy-search-at-target": "#cc79a7",
  fabolas: "#e69f00",
  tpe: "#000000",
  random: "#999999",
};

/**
 * One panel a problem: the median regret over seeds against cost, with the quartiles as a band, and the worst seed as a thin dashed line.
 *
 * @returns an SVG document
 */
export function drawRegret(records: readonly StudyRecord[]): string {
  const { document } = parseHTML("<html><body></body></html>");
  const [width, height, across] = [420, 290, 2];
  const shown = methods.filter(({ name }) => name in colors && records.some(({ method }) => method === name));
  const panels = problems.map(({ name }, i) => {
    const places = shown.flatMap((method) =>
      placesOf(
        method.title,
        records.filter((record) => record.problem === name && record.method === method.name),
      ),
    );
    const top = Math.max(...places.map(({ worst }) => worst));
    const panel = Plot.plot({
      document,
      width,
      height,
      marginLeft: 64,
      title: undefined,
      style: { background: "white", color: "black" },
      x: { label: "cost spent, in full evaluations →", ticks: [0, 15, 30, 45, 60], domain: [0, 60] },
      y: {
        type: "log",
        grid: true,
        label: `${name}: simple regret`,
        ticks: decades.filter((decade) => decade <= top),
        tickFormat: "~g",
      },
      color: { domain: shown.map(({ title }) => title), range: shown.map((method) => colors[method.name]!) },
      marks: [
        Plot.areaY(places, { x: "cost", y1: "lower", y2: "upper", fill: "title", fillOpacity: 0.12 }),
        Plot.line(places, { x: "cost", y: "worst", stroke: "title", strokeWidth: 0.8, strokeDasharray: "3,3" }),
        Plot.line(places, { x: "cost", y: "median", stroke: "title", strokeWidth: 1.8 }),
      ],
    });
    panel.setAttribute("x", String((i % across) * width));
    panel.setAttribute("y", String(Math.floor(i / across) * height + legendHeight));
    return panel.outerHTML;
  });
  const total = legendHeight + Math.ceil(problems.length / across) * height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${across * width} ${total}" width="${across * width}" height="${total}" font-family="system-ui, sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    legend(shown.map(({ name, title }) => [title, colors[name]!])),
    ...panels,
    "</svg>\n",
  ].join("\n");
}

/** Left alone, an axis of few decades gets all the lines between them. */
const decades = Array.from({ length: 10 }, (_, i) => Number(`1e${i - 6}`));

const legendHeight = 64;

function legend(entries: readonly (readonly [string, string])[]): string {
  return entries
    .map(([title, color], i) => {
      const [x, y] = [16 + (i % 4) * 206, 18 + Math.floor(i / 4) * 20];
      return `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${color}"/><text x="${x + 20}" y="${y}" font-size="11">${title}</text>`;
    })
    .join("\n");
}

function placesOf(title: string, studies: readonly StudyRecord[]): Place[] {
  if (studies.length === 0) return [];
  return checkpoints.map((cost, i) => {
    const sorted = studies.map(({ regret }) => Math.max(regret[i]!, floor)).sort((a, b) => a - b);
    const [lower, median, upper] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share));
    return { cost, title, lower: lower!, median: median!, upper: upper!, worst: sorted.at(-1)! };
  });
}
