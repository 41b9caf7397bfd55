import * as Plot from "@observablehq/plot";
import { type Drawing, type DrawOptions, draw, numberText, phaseColors } from "./style.ts";
import type { PhaseCost, StudyFacts, TrialRow } from "./trial-row.ts";

export type Phase = keyof typeof phaseColors;

/** What trials cost, by what it was spent on; neighbors are summed where there are many. */
export interface CostData {
  readonly costUnit: string;
  readonly bars: readonly {
    readonly from: number;
    readonly to: number;
    readonly phase: Phase;
    readonly cost: number;
  }[];
  /** Of the whole study. */
  readonly total: Readonly<Record<Phase, number>>;
}

const phases = ["gradient", "scoring", "evaluation", "data", "other"] as const;

function split({ total, scoring, gradient, evaluation, data }: PhaseCost): Record<Phase, number> {
  return { gradient, scoring, evaluation, data, other: Math.max(0, total - scoring - gradient - evaluation - data) };
}

export function costData(study: StudyFacts, rows: readonly TrialRow[], limit = 120): CostData {
  const spent = rows.filter(({ cost }) => cost.total > 0).sort((a, b) => a.number - b.number);
  const width = Math.max(1, Math.ceil(spent.length / limit));
  const total = { gradient: 0, scoring: 0, evaluation: 0, data: 0, other: 0 };
  const bars: CostData["bars"][number][] = [];
  for (let start = 0; start < spent.length; start += width) {
    const group = spent.slice(start, start + width);
    const costs = group.map(({ cost }) => split(cost));
    for (const phase of phases) {
      const cost = costs.reduce((sum, one) => sum + one[phase], 0);
      total[phase] += cost;
      if (cost > 0) bars.push({ from: group[0].number, to: group.at(-1)!.number, phase, cost });
    }
  }
  return { costUnit: study.costUnit, bars, total };
}

export function drawCost(data: CostData, options: DrawOptions = {}): Drawing {
  const used = phases.filter((phase) => data.total[phase] > 0);
  const grouped = data.bars.some(({ from, to }) => to > from);
  const first = data.bars.reduce((least, { from }) => Math.min(least, from), data.bars[0]?.from ?? 0);
  const last = data.bars.reduce((most, { to }) => Math.max(most, to), 0);
  return draw(
    {
      ariaLabel: `Cost of the trials by phase: ${used.map((phase) => `${phase} ${numberText(data.total[phase])}`).join(", ")}`,
      height: options.height ?? 240,
      x: { label: grouped ? "trials (neighbors summed)" : "trial", domain: [first - 0.5, last + 0.5] },
      y: { label: `cost (${data.costUnit})`, grid: true },
      color: { domain: used, range: used.map((phase) => phaseColors[phase]), legend: true },
      marks: [
        Plot.rectY(
          data.bars,
          Plot.stackY(
            { order: [...phases] },
            {
              x1: (bar: CostData["bars"][number]) => bar.from - 0.4,
              x2: (bar: CostData["bars"][number]) => bar.to + 0.4,
              y: "cost",
              fill: "phase",
              title: (bar: CostData["bars"][number]) =>
                `${bar.from === bar.to ? `trial ${bar.from}` : `trials ${bar.from} to ${bar.to}`}: ${bar.phase} ${numberText(bar.cost)}`,
            },
          ),
        ),
        Plot.ruleY([0]),
      ],
    },
    options,
  );
}
