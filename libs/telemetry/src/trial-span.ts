import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace";
import { spanName } from "./conventions.ts";
import { withIds } from "./id-generator.ts";

const tracerName = "@superbatch/telemetry";

/**
 * A new trace for a trial, as a W3C traceparent. The optimizer calls this at the trial's first lease and stores the result with the
 * trial; all who work on the trial join it by {@link withRemoteParent}. Its root span is written by {@link recordTrialSpan} when the
 * trial ends, by whichever process ends it: a trace so survives the optimizer's restart and a change of trainer.
 */
export function trialTraceparent(): string {
  const ids = new RandomIdGenerator();
  return formatTraceparent({
    traceId: ids.generateTraceId(),
    spanId: ids.generateSpanId(),
    traceFlags: TraceFlags.SAMPLED,
  });
}

/** @returns undefined if the text is not a traceparent. */
export function parseTraceparent(traceparent: string | undefined): SpanContext | undefined {
  return (traceparent && parseTraceParent(traceparent)) || undefined;
}

export function formatTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** The active span as a traceparent, or undefined outside of any span. */
export function activeTraceparent(): string | undefined {
  const active = trace.getActiveSpan()?.spanContext();
  return active && formatTraceparent(active);
}

export interface TrialSpan {
  /** From {@link trialTraceparent}, as stored with the trial. */
  readonly traceparent: string;
  /** When the trial was leased first. */
  readonly startTime: Date;
  readonly endTime: Date;
  /** See `spanAttributes[spanName.trial]`. */
  readonly attributes: Attributes;
  /** Why the trial did not complete; marks the span as an error. */
  readonly failure?: string;
}

/** Writes the root span of a trial's trace. Does nothing if the traceparent is not one, or says that the trace is not sampled. */
export function recordTrialSpan(span: TrialSpan): void {
  const ids = parseTraceparent(span.traceparent);
  if (!ids || !(ids.traceFlags & TraceFlags.SAMPLED)) return;
  const { startTime, attributes } = span;
  const tracer = trace.getTracer(tracerName);
  const options = { root: true, startTime, attributes };
  const root = withIds(ids, () => tracer.startSpan(spanName.trial, options, ROOT_CONTEXT));
  if (span.failure !== undefined) root.setStatus({ code: SpanStatusCode.ERROR, message: span.failure });
  root.end(span.endTime);
}

/** Runs `run` as a part of the trace of `traceparent`; as a part of none if it is missing or not a traceparent. */
export function withRemoteParent<T>(traceparent: string | undefined, run: () => T): T {
  const parent = parseTraceparent(traceparent);
  if (!parent) return run();
  return context.with(trace.setSpanContext(context.active(), { ...parent, isRemote: true }), run);
}
