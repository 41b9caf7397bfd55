import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import type { Table } from "../emulator/table.ts";
import { sigmoid } from "../emulator/table.ts";
import { bootstrapInterval } from "../regret/summary.ts";
import type { Method } from "./methods.ts";
import type { StudyRecord } from "./records.ts";
import { type Judge, levelsOverCost, meanCurve } from "./summary.ts";

/** Colors that people with color-vision deficiency tell apart (Okabe & Ito), and two grays. */
const colors: Readonly<Record<string, string>> = {
  "entropy-search": "#d55e00",
  "entropy-search-uniform": "#0072b2",
  "entropy-search-4b": "#cc79a7",
  "entropy-search-16b": "#f0a8cf",
  fabolas: "#e69f00",
  "expected-improvement": "#009e73",
  asha: "#56b4e9",
  tpe: "#000000",
  random: "#999999",
  "optuna-gp": "#8c6d31",
  "optuna-tpe": "#c7b37f",
  "botorch-mf-kg": "#6a3d9a",
};
const [width, height] = [760, 400];
const legendRow = 18;

type Entry = readonly [title: string, color: string];

/** Mean error over seeds against cost, with its 95% interval as a band, and the worst seed as a dashed line. */
export function drawErrors(
  studies: readonly (readonly [Method, readonly StudyRecord[]])[],
  checkpoints: readonly number[],
  judge: Judge,
): string {
  const shown = studies.filter(([{ name }, own]) => name in colors && own.length > 0);
  const places = shown.flatMap(([{ title, name }, own]) =>
    meanCurve(own, judge).map((mean, i) => {
      const errors = own.map((study) => 100 * study[judge][i]!);
      const [lower, upper] = bootstrapInterval(errors, `${name} ${i}`);
      return { cost: checkpoints[i]!, title, mean: 100 * mean, lower, upper, worst: Math.max(...errors) };
    }),
  );
  const entries = shown.map(([{ title, name }]): Entry => [title, colors[name]!]);
  return draw(entries, {
    x: { label: "cost spent, in whole uniform trainings →" },
    y: { grid: true, label: "test error of the recommendation, %" },
    marks: [
      Plot.areaY(places, { x: "cost", y1: "lower", y2: "upper", fill: "title", fillOpacity: 0.1 }),
      Plot.line(places, { x: "cost", y: "worst", stroke: "title", strokeWidth: 0.8, strokeDasharray: "3,3" }),
      Plot.line(places, { x: "cost", y: "mean", stroke: "title", strokeWidth: 1.8 }),
    ],
  });
}

/** Mean of log₂(B / b) over the trials that were paid since the checkpoint before. */
export function drawSuperBatches(
  studies: readonly (readonly [Method, readonly StudyRecord[]])[],
  checkpoints: readonly number[],
  batchSize: number,
): string {
  const shown = studies.filter(([{ fidelity }, own]) => fidelity === "super_batch" && own.length > 0);
  const places = shown.flatMap(([{ title }, own]) =>
    levelsOverCost(own, checkpoints, batchSize).flatMap((level, i) =>
      Number.isNaN(level) ? [] : [{ cost: checkpoints[i]!, level, title }],
    ),
  );
  const entries = shown.map(([{ title, name }], i): Entry => [title, colors[name] ?? Object.values(colors)[i]!]);
  return draw(entries, {
    x: { label: "cost spent, in whole uniform trainings →" },
    y: { grid: true, label: "log₂(B / b) of the trials, mean", domain: [0, 4] },
    marks: [Plot.line(places, { x: "cost", y: "level", stroke: "title", strokeWidth: 1.8, marker: "dot" })],
  });
}

/** Predicted by a model that has not seen the run, against recorded: errors at the end. */
export function drawPredictions({ runs, values }: Table, predicted: Float64Array): string {
  const observed = values({ kind: "error", at: runs[0]!.error.length - 1 });
  const families = ["uniform", "published", "always", "share"] as const;
  const titles = ["uniform", "published switch", "always by importance", "share of the data"];
  const entries = titles.map((title, i): Entry => [title, ["#0072b2", "#009e73", "#d55e00", "#e69f00"][i]!]);
  const places = runs.map(({ family }, i) => ({
    title: titles[families.indexOf(family)]!,
    predicted: 100 * sigmoid(predicted[i]!),
    observed: 100 * sigmoid(observed[i]!),
  }));
  return draw(entries, {
    x: { label: "predicted validation error, % →" },
    y: { grid: true, label: "recorded validation error, %" },
    marks: [
      Plot.line(
        [
          [55, 55],
          [90, 90],
        ],
        { stroke: "#999999" },
      ),
      Plot.dot(places, { x: "predicted", y: "observed", fill: "title", r: 2.5 }),
    ],
  });
}

function draw(entries: readonly Entry[], options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const panel = Plot.plot({
    document,
    width,
    height,
    marginLeft: 50,
    style: { background: "white", color: "black" },
    color: { domain: entries.map(([title]) => title), range: entries.map(([, color]) => color) },
    ...options,
  });
  const across = 2;
  const legendHeight = legendRow * (Math.ceil(entries.length / across) + 1);
  panel.setAttribute("y", String(legendHeight));
  const total = height + legendHeight;
  const legend = entries.map(([title, color], i) => {
    const [x, y] = [16 + (i % across) * (width / across), legendRow * (1 + Math.floor(i / across))];
    return `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${color}"/><text x="${x + 20}" y="${y}" font-size="12">${title}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" font-family="system-ui, sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...legend,
    panel.outerHTML,
    "</svg>\n",
  ].join("\n");
}
