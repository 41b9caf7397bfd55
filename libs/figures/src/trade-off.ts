import * as Plot from "@observablehq/plot";
import { color, type Drawing, type DrawOptions, draw, numberAxis, numberText } from "./style.ts";

/**
 * The learned trade-off at one configuration: what the model expects of the objective and of the cost as the super-batch size (or another fidelity)
 * changes. Where more importance sampling lowers the error is where it is worth its cost.
 */
export interface TradeOffData {
  readonly fidelity: string;
  readonly log: boolean;
  /** Whether the model sees the logarithm of the objective, which is then drawn on such a scale. */
  readonly logValue: boolean;
  readonly metric: string;
  readonly costUnit: string;
  readonly points: readonly TradeOffPoint[];
}

export interface TradeOffPoint {
  readonly fidelity: number;
  readonly mean: number;
  /** Ends of the 95% interval. */
  readonly low: number;
  readonly high: number;
  /** In the study's unit; NaN where the surrogate models no cost. */
  readonly cost: number;
}

/** Error against B, with the model's 95% interval. */
export function drawTradeOff(data: TradeOffData, options: DrawOptions = {}): Drawing {
  return draw(
    {
      ariaLabel: `Expected ${data.metric} with 95% interval against ${data.fidelity}, at the recommended configuration`,
      height: options.height ?? 220,
      grid: true,
      x: {
        label: data.fidelity,
        ...numberAxis(
          data.log,
          data.points.map(({ fidelity }) => fidelity),
        ),
      },
      y: valueScale(data),
      marks: [
        Plot.areaY(data.points, {
          x: "fidelity",
          y1: "low",
          y2: "high",
          fill: color.point,
          fillOpacity: 0.2,
        }),
        Plot.line(data.points, { x: "fidelity", y: "mean", stroke: color.point, strokeWidth: 2, marker: "dot" }),
      ],
    },
    options,
  );
}

function valueScale({ metric, logValue, points }: TradeOffData) {
  const values = points.flatMap(({ low, high }) => [low, high]);
  return { label: `expected ${metric}`, ...(logValue ? numberAxis(true, values) : { nice: true }) };
}

/** Some of the points, both ends among them, so that their labels stay apart. */
function labeled(points: readonly TradeOffPoint[], most = 6): TradeOffPoint[] {
  const step = Math.max(1, Math.ceil((points.length - 1) / (most - 1)));
  return points.filter((_, i) => i % step === 0 || i === points.length - 1);
}

/** What it costs: error against expected cost, one point for each B, labeled with it. */
export function drawErrorAgainstCost(data: TradeOffData, options: DrawOptions = {}): Drawing {
  const points = data.points.filter((p) => Number.isFinite(p.cost));
  return draw(
    {
      ariaLabel: `Expected ${data.metric} against expected cost for each ${data.fidelity}`,
      height: options.height ?? 220,
      grid: true,
      // Room for the labels of the first and the last point.
      insetLeft: 16,
      insetRight: 16,
      x: { label: `expected cost (${data.costUnit})` },
      y: valueScale(data),
      marks: [
        Plot.ruleX(points, {
          x: "cost",
          y1: "low",
          y2: "high",
          stroke: color.point,
          strokeOpacity: 0.35,
        }),
        Plot.line(points, { x: "cost", y: "mean", stroke: color.muted }),
        Plot.dot(points, {
          x: "cost",
          y: "mean",
          fill: color.point,
          r: 4,
          title: (p: TradeOffPoint) =>
            `${data.fidelity} ${numberText(p.fidelity)}: expected ${numberText(p.mean)} (${numberText(p.low)} to ${numberText(p.high)}), cost ${numberText(p.cost)}`,
        }),
        Plot.text(labeled(points), {
          x: "cost",
          y: "mean",
          text: (p: TradeOffPoint) => String(Math.round(p.fidelity)),
          dy: -11,
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
