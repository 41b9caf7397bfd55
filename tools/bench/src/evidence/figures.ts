import * as Plot from "@observablehq/plot";
import { sigmoid, type Table } from "../emulator/table.ts";
import { drawPanel, type LegendEntry } from "../figure.ts";
import type { RecordedProblem } from "../recorded/problem.ts";
import { bootstrapInterval, quantile } from "../regret/summary.ts";
import type { Studies } from "./records.ts";
import { costByLevel, fewestSeeds, type Judge, meanCurve } from "./summary.ts";

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
/** Mean error over seeds against cost, with its 95% interval as a band, and the worst seed as a dashed line. */
export function drawErrors(studies: Studies, checkpoints: readonly number[], judge: Judge): string {
  const shown = studies.filter(([{ name }, own]) => name in colors && own.length >= fewestSeeds);
  const places = shown.flatMap(([{ title, name }, own]) =>
    meanCurve(own, judge).map((mean, i) => {
      const errors = own.map((study) => 100 * study[judge][i]!);
      const [lower, upper] = bootstrapInterval(errors, `${name} ${i}`);
      return { cost: checkpoints[i]!, title, mean: 100 * mean, lower, upper, worst: Math.max(...errors) };
    }),
  );
  const entries = shown.map(([{ title, name }]): LegendEntry => [title, colors[name]!]);
  return drawPanel(entries, {
    x: { label: "cost spent, in whole uniform trainings →" },
    y: { grid: true, label: "test error of the recommendation, %", ...mostOf(places) },
    marks: [
      Plot.areaY(places, { x: "cost", y1: "lower", y2: "upper", fill: "title", fillOpacity: 0.1 }),
      Plot.line(places, { x: "cost", y: "worst", stroke: "title", strokeWidth: 0.8, strokeDasharray: "3,3" }),
      Plot.line(places, { x: "cost", y: "mean", stroke: "title", strokeWidth: 1.8 }),
    ],
  });
}

/** All but the largest twentieth of the worst errors: what a bad start was like would hide the rest. What is cut off runs along the upper edge. */
function mostOf(places: readonly { readonly lower: number; readonly worst: number }[]): Plot.ScaleOptions {
  if (places.length === 0) return {};
  const worst = places.map((place) => place.worst).sort((a, b) => a - b);
  return { domain: [Math.min(...places.map(({ lower }) => lower)), quantile(worst, 0.95)], clamp: true };
}

/** Into which super-batches the cost went since the checkpoint before, over all studies of ours. */
export function drawSuperBatches(
  studies: Studies,
  checkpoints: readonly number[],
  { batchSize, levels }: RecordedProblem,
): string {
  const own = studies.find(([{ role }]) => role === "ours")?.[1] ?? [];
  const shades = ["#0072b2", "#56b4e9", "#009e73", "#e69f00", "#d55e00", "#cc79a7", "#000000"];
  const entries = [1, ...levels].map(
    (level, i): LegendEntry => [level === 1 ? "B = b" : `B = ${level}b`, shades[i % shades.length]!],
  );
  const places = costByLevel(own, checkpoints).flatMap((shares, i) =>
    [1, ...levels].map((level, k) => ({
      cost: checkpoints[i]!,
      title: entries[k]![0],
      share: 100 * (shares.get(level * batchSize) ?? 0),
    })),
  );
  return drawPanel(entries, {
    x: { label: "cost spent, in whole uniform trainings →", type: "band" },
    y: { grid: true, label: "share of the cost since the bar before, %" },
    marks: [Plot.barY(places, { x: "cost", y: "share", fill: "title", order: entries.map(([title]) => title) })],
  });
}

/** Predicted by a model that has not seen the run, against recorded: errors at the end. */
export function drawPredictions({ runs, values }: Table, predicted: Float64Array): string {
  const observed = values({ kind: "final" });
  const families = ["uniform", "published", "always", "share"] as const;
  const titles = ["uniform", "published switch", "always by importance", "share of the data"];
  const entries = titles.map((title, i): LegendEntry => [title, ["#0072b2", "#009e73", "#d55e00", "#e69f00"][i]!]);
  const places = runs.map(({ family }, i) => ({
    title: titles[families.indexOf(family)]!,
    predicted: 100 * sigmoid(predicted[i]!),
    observed: 100 * sigmoid(observed[i]!),
  }));
  return drawPanel(entries, {
    x: { label: "predicted error at the end, % →" },
    y: { grid: true, label: "recorded, %" },
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
