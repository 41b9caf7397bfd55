import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberAxis } from "./style.ts";

/** Why a trial's fidelity was chosen: what the same configuration would have taught, and cost, at others. */
export interface AlternativesData {
  readonly fidelity: string;
  readonly log: boolean;
  readonly costUnit: string;
  readonly points: readonly AlternativePoint[];
}

export interface AlternativePoint {
  readonly fidelity: number;
  /** Expected reduction of the entropy of p(x*), nats. */
  readonly entropyReduction: number;
  /** Absent where cost is ignored. */
  readonly expectedCost?: number | undefined;
  /** Entropy reduction, per unit of cost unless that is ignored: the highest is chosen. */
  readonly acquisition: number;
  readonly chosen: boolean;
}

/** @param shown - which of the three is drawn against the fidelity */
export function drawAlternatives(
  data: AlternativesData,
  options: DrawOptions & { shown?: "entropyReduction" | "expectedCost" | "acquisition" } = {},
): Drawing {
  const { shown = "acquisition" } = options;
  const ignoresCost = data.points.every(({ expectedCost }) => expectedCost === undefined);
  const labels = {
    entropyReduction: "entropy reduction (nats)",
    expectedCost: `expected cost (${data.costUnit})`,
    acquisition: ignoresCost ? "entropy reduction (nats)" : "entropy reduction per cost",
  };
  const points = [...data.points].sort((a, b) => a.fidelity - b.fidelity);
  return draw(
    {
      ariaLabel: `${labels[shown]} of this configuration at each ${data.fidelity}`,
      height: options.height ?? 180,
      grid: true,
      x: {
        label: data.fidelity,
        ...numberAxis(
          data.log,
          points.map(({ fidelity }) => fidelity),
        ),
      },
      y: { label: labels[shown], zero: true, nice: true },
      marks: [
        Plot.line(points, { x: "fidelity", y: shown, stroke: color.muted }),
        Plot.dot(points, {
          x: "fidelity",
          y: shown,
          r: (p: AlternativePoint) => (p.chosen ? 6 : 3.5),
          fill: (p: AlternativePoint) => (p.chosen ? color.best : color.point),
        }),
      ],
    },
    options,
  );
}
