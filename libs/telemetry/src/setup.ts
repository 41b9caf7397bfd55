import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { createIdGenerator } from "./id-generator.ts";

export interface TelemetryOptions {
  /** Name of the service in traces, such as `surrogate-model`; `superbatch` is its namespace. */
  readonly service: string;
  /** @default "0.1.0" */
  readonly version?: string;
  /**
   * The environment, from main.ts. OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT turns exporting on;
   * OTEL_SDK_DISABLED=true turns it off again; OTEL_BSP_SCHEDULE_DELAY (milliseconds) and the other variables of the OTLP exporter and
   * OTEL_RESOURCE_ATTRIBUTES have their usual meaning.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry {
  /** Whether spans are recorded and sent. */
  readonly exporting: boolean;
  /** Sends what is waiting. Never throws: telemetry that cannot be sent must not stop the work. */
  flush(): Promise<void>;
  /** Flushes and ends. Idempotent: all callers await the same promise. Never throws. */
  shutdown(): Promise<void>;
}

/**
 * Sets up OpenTelemetry for the process. Once per process. Context passes through a process that does not export (a trace goes on
 * behind it), so context and propagation are always there; without an endpoint nothing else is.
 */
export function startTelemetry({ service, version = "0.1.0", env }: TelemetryOptions): Telemetry {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
  const url = tracesUrl(env);
  if (url === undefined) return { exporting: false, flush: async () => {}, shutdown: async () => {} };

  const resource = defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        [ATTR_SERVICE_NAME]: service,
        [ATTR_SERVICE_VERSION]: version,
        "service.namespace": "superbatch",
        "process.pid": process.pid,
      }),
    );
  const scheduledDelayMillis = Number(env.OTEL_BSP_SCHEDULE_DELAY ?? 5000);
  const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }), scheduledDelayMillis });
  const provider = new TracerProvider({ resource, spanProcessors: [processor], idGenerator: createIdGenerator() });
  trace.setGlobalTracerProvider(provider);

  let ending: Promise<void> | undefined;
  return {
    exporting: true,
    flush: () => provider.forceFlush().catch(() => {}),
    shutdown() {
      ending ??= provider.shutdown().catch(() => {});
      return ending;
    },
  };
}

/** Where traces go, or undefined if nowhere. The general endpoint is a base, the specific one is used as it is (OTLP specification). */
export function tracesUrl(env: TelemetryOptions["env"]): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none") return undefined;
  const specific = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (specific) return specific;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base ? `${base.replace(/\/+$/, "")}/v1/traces` : undefined;
}
