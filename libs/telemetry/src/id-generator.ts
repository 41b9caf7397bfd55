import type { SpanContext } from "@opentelemetry/api";
import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

let preset: SpanContext | undefined;

/** Random ids, but for a span that {@link withIds} starts. */
export function createIdGenerator(): IdGenerator {
  const random = new RandomIdGenerator();
  return {
    generateTraceId: () => preset?.traceId ?? random.generateTraceId(),
    generateSpanId: () => preset?.spanId ?? random.generateSpanId(),
  };
}

/** Runs `start`, in which a root span gets the ids of `ids`. OpenTelemetry has no other way to say a span's id. */
export function withIds<T>(ids: SpanContext, start: () => T): T {
  preset = ids;
  try {
    return start();
  } finally {
    preset = undefined;
  }
}
