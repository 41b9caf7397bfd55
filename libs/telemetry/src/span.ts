import { type Attributes, type Span, SpanStatusCode, trace } from "@opentelemetry/api";

const tracerName = "@superbatch/telemetry";

/**
 * Runs `run` inside a new span, child of the active one, which ends with it. An error marks the span and is thrown on.
 *
 * @param name - of {@link spanName}.
 * @param attributes - see `spanAttributes[name]`; more may be set on the span that `run` gets.
 */
export function withSpan<T>(name: string, attributes: Attributes, run: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer(tracerName).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await run(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
