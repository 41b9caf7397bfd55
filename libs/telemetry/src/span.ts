import { type Attributes, metrics, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import { attribute, metricBoundaries, metricName, spanLinkLimits } from "./conventions.ts";
import { parseTraceparent } from "./trial-span.ts";

const tracerName = "@superbatch/telemetry";

const workDuration = {
  unit: "s",
  advice: { explicitBucketBoundaries: [...metricBoundaries[metricName.workDuration]!] },
};

/**
 * Runs `run` inside a new span, child of the active one, which ends with it. An error marks the span and is thrown on.
 *
 * @param name - of {@link spanName}.
 * @param attributes - see `spanAttributes[name]`; more may be set on the span that `run` gets.
 * @param linked - traceparents of spans of other traces to link to: the last ones, `spanLinkLimits[name]` of them.
 */
export function withSpan<T>(
  name: string,
  attributes: Attributes,
  run: (span: Span) => Promise<T>,
  linked: readonly string[] = [],
): Promise<T> {
  const latest = linked.slice(Math.max(0, linked.length - (spanLinkLimits[name] ?? 0)));
  const contexts = latest.map(parseTraceparent).filter((context) => context !== undefined);
  const links = contexts.map((context) => ({ context }));
  return trace.getTracer(tracerName).startActiveSpan(name, { attributes, links }, async (span) => {
    const start = performance.now();
    const labels: Attributes = { [attribute.work]: name };
    try {
      return await run(span);
    } catch (error) {
      labels[attribute.errorType] = error instanceof Error ? error.name : typeof error;
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      const seconds = (performance.now() - start) / 1000;
      // Within the span, so that an exemplar can lead to it.
      metrics.getMeter(tracerName).createHistogram(metricName.workDuration, workDuration).record(seconds, labels);
      span.end();
    }
  });
}
