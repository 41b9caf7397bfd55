import * as Plot from "@observablehq/plot";
import { type Drawing, type DrawOptions, draw, numberAxis, numberText, valueScheme } from "./style.ts";
import { thin } from "./thin.ts";
import { completedRows, type StudyFacts, type TrialRow } from "./trial-row.ts";

/** Which value of a fidelity (the super-batch size B, the share of the data …) was chosen for each trial. */
export interface FidelityData {
  readonly fidelity: string;
  readonly log: boolean;
  readonly target?: number;
  readonly metric: string;
  readonly points: readonly FidelityPoint[];
}

export interface FidelityPoint {
  readonly number: number;
  readonly chosen: number;
  readonly value: number;
  readonly cost: number;
}

/** One for each fidelity of the study. */
export function fidelityData(study: StudyFacts, rows: readonly TrialRow[], limit = 1500): FidelityData[] {
  const completed = completedRows(rows);
  return study.parameters
    .filter((parameter) => parameter.target !== undefined)
    .map(({ name, log, target }) => {
      const points = completed.flatMap(({ number, value, cost, parameters }) => {
        const chosen = parameters[name];
        return typeof chosen === "number" ? [{ number, chosen, value, cost: cost.total }] : [];
      });
      points.sort((a, b) => a.number - b.number);
      return {
        fidelity: name,
        log,
        ...(target === undefined ? {} : { target }),
        metric: study.metric,
        points: thin(points, limit),
      };
    });
}

export function drawFidelity(data: FidelityData, options: DrawOptions = {}): Drawing {
  return draw(
    {
      ariaLabel: `${data.fidelity} that was chosen for each trial, colored by ${data.metric}`,
      height: options.height ?? 240,
      grid: true,
      x: { label: "trial" },
      y: {
        label: data.fidelity,
        ...numberAxis(
          data.log,
          data.points.map(({ chosen }) => chosen),
        ),
      },
      color: { ...valueScheme, label: data.metric, legend: true },
      marks: [
        Plot.dot(data.points, {
          x: "number",
          y: "chosen",
          fill: "value",
          // The darkest color is close to a dark page's ground.
          stroke: "currentColor",
          strokeOpacity: 0.4,
          strokeWidth: 1,
          r: 4,
          title: (p: FidelityPoint) =>
            `trial ${p.number}: ${data.fidelity} ${numberText(p.chosen)}, ${data.metric} ${numberText(p.value)}, cost ${numberText(p.cost)}`,
        }),
      ],
    },
    options,
  );
}
