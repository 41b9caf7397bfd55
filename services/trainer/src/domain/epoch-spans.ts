import { context, type Span, trace } from "@opentelemetry/api";
import { attribute, spanName } from "@superbatch/telemetry";
import type { LearningCurvePoint } from "@superbatch/training";

/**
 * Records a span for the time between two points of a learning curve, as a child of the attempt's span. Training runs in another thread, so a span is
 * written when its end is known.
 *
 * @param now - milliseconds since the epoch. @default Date.now
 * @returns to be called at each point.
 */
export function createEpochSpans(parent: Span, now: () => number = Date.now): (point: LearningCurvePoint) => void {
  let start = now();
  return ({ epoch, step, tau, importanceSteps }) => {
    const attributes = {
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
    span.end(start);
  };
}
