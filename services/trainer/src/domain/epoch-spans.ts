import { context, type Span, trace } from "@opentelemetry/api";
import { attribute, spanName } from "@superbatch/telemetry";
import type { Cost, LearningCurvePoint } from "@superbatch/training";
import { costAttributes } from "./cost-attributes.ts";

/**
 * Records a span for the time between two points of a learning curve, as a child of the attempt's span. Training runs in another thread, so a span is
 * written when its end is known.
 *
 * @param costPerSecond - of the study's unit of cost
 * @param now - milliseconds since the epoch. @default Date.now
 * @returns to be called at each point.
 */
export function createEpochSpans(
  parent: Span,
  costPerSecond: number,
  now: () => number = Date.now,
): (point: LearningCurvePoint) => void {
  let start = now();
  let before: Cost = { total: 0, scoring: 0, gradient: 0, evaluation: 0, data: 0 };
  return ({ epoch, step, tau, importanceSteps, cost }) => {
    const attributes = {
      ...costAttributes(difference(cost, before), costPerSecond),
      [attribute.epoch]: Math.ceil(epoch),
      [attribute.step]: step,
      [attribute.tau]: tau,
      [attribute.importanceShare]: importanceSteps / step,
    };
    const options = { startTime: start, attributes };
    const span = trace
      .getTracer("@superbatch/trainer")
      .startSpan(spanName.trainEpoch, options, trace.setSpan(context.active(), parent));
    start = now();
    before = cost;
    span.end(start);
  };
}

function difference(a: Cost, b: Cost): Cost {
  return {
    total: a.total - b.total,
    scoring: a.scoring - b.scoring,
    gradient: a.gradient - b.gradient,
    evaluation: a.evaluation - b.evaluation,
    data: a.data - b.data,
  };
}
