import { randomUUID } from "node:crypto";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { measureEventLoop } from "./event-loop.ts";
import { createIdGenerator } from "./id-generator.ts";

export interface TelemetryOptions {
  /** Name of the service in traces, such as `surrogate-model`; `superbatch` is its namespace. */
  readonly service: string;
  /** @default "0.1.0" */
  readonly version?: string;
  /**
   * The environment, from main.ts. OTEL_EXPORTER_OTLP_ENDPOINT turns exporting on, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT and
   * OTEL_EXPORTER_OTLP_METRICS_ENDPOINT that of one signal; OTEL_SDK_DISABLED=true, OTEL_TRACES_EXPORTER=none and
   * OTEL_METRICS_EXPORTER=none turn it off. OTEL_BSP_SCHEDULE_DELAY and OTEL_METRIC_EXPORT_INTERVAL (milliseconds),
   * OTEL_RESOURCE_ATTRIBUTES and the exporter's other variables have their usual meaning.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry {
  /** Whether spans or metrics are recorded and sent. */
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
  const traces = endpointOf("traces", env);
  const meters = endpointOf("metrics", env);
  const resource = describeProcess(service, version);
  const parts: ExportedSignal[] = [];
  if (traces !== undefined) parts.push(exportTraces(traces, resource, env));
  if (meters !== undefined) parts.push(exportMetrics(meters, resource, env));

  let ending: Promise<void> | undefined;
  return {
    exporting: parts.length > 0,
    async flush() {
      await Promise.allSettled(parts.map((part) => part.forceFlush()));
    },
    shutdown() {
      ending ??= atMost(shutdownMilliseconds, Promise.allSettled(parts.map((part) => part.shutdown())));
      return ending;
    },
  };
}

/** A collector that is away must not hold up the end of a process: its exporter would try for ten seconds. */
const shutdownMilliseconds = 2000;

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** Who sends. OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME add to it or win, as OpenTelemetry specifies. */
function describeProcess(service: string, version: string): Resource {
  const own = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: service,
    [ATTR_SERVICE_VERSION]: version,
    "service.namespace": "superbatch",
    // Two processes of one service must not write the same series.
    "service.instance.id": randomUUID(),
    "process.pid": process.pid,
  });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

/** What both providers have. */
type ExportedSignal = Pick<TracerProvider, "forceFlush" | "shutdown">;

function exportTraces(url: string, resource: Resource, env: TelemetryOptions["env"]): ExportedSignal {
  const scheduledDelayMillis = Number(env.OTEL_BSP_SCHEDULE_DELAY ?? 5000);
  const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }), scheduledDelayMillis });
  const provider = new TracerProvider({ resource, spanProcessors: [processor], idGenerator: createIdGenerator() });
  trace.setGlobalTracerProvider(provider);
  return provider;
}

function exportMetrics(url: string, resource: Resource, env: TelemetryOptions["env"]): ExportedSignal {
  const exportIntervalMillis = Number(env.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000);
  const exportTimeoutMillis = Math.min(exportIntervalMillis, 30_000);
  const exporter = new OTLPMetricExporter({ url });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis });
  const provider = new MeterProvider({ resource, readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const stopMeasuring = measureEventLoop();
  return {
    forceFlush: () => provider.forceFlush(),
    async shutdown() {
      await provider.shutdown();
      stopMeasuring();
    },
  };
}

/**
 * Where a signal goes, or undefined if nowhere. The general endpoint is a base, the specific one is used as it is (OpenTelemetry's
 * specification of the OTLP exporter).
 */
export function endpointOf(signal: "traces" | "metrics", env: TelemetryOptions["env"]): string | undefined {
  const name = signal.toUpperCase();
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env[`OTEL_${name}_EXPORTER`] === "none") return undefined;
  const specific = env[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`];
  if (specific) return specific;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base ? `${base.replace(/\/+$/, "")}/v1/${signal}` : undefined;
}
