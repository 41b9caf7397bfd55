import { attribute } from "@superbatch/telemetry";
import type { Cost } from "@superbatch/training";
import { costToProto } from "./measurement.ts";

/** What a span cost, in the study's unit, so that spans add up to what the trial is recorded with. */
export function costAttributes(cost: Cost, costPerSecond: number): Record<string, number> {
  const { scoring, gradient, evaluation, data, total } = costToProto(cost, costPerSecond);
  return {
    [attribute.costScoring]: scoring,
    [attribute.costGradient]: gradient,
    [attribute.costEvaluation]: evaluation,
    [attribute.costData]: data,
    [attribute.costTotal]: total,
  };
}
