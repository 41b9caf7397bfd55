import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "@superbatch/launcher";
import { stringify } from "yaml";
import { chartFile } from "./chart-file.ts";
import { startProgram } from "./program.ts";

/** A collector with the configuration of deploy/, and what stands behind it. */
export interface Backends extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly otlp: string;
  /** Where Jaeger answers. */
  readonly jaeger: string;
  /** Where Prometheus answers. */
  readonly prometheus: string;
}

export interface BackendsOptions {
  /** For logs and data. */
  readonly folder: string;
  /** A trial that cost more keeps its trace. */
  readonly keepCostAbove: number;
  /** Share of the other traces that is kept, percent. */
  readonly keepPercentage: number;
}

export async function startBackends({ folder, keepCostAbove, keepPercentage }: BackendsOptions): Promise<Backends> {
  await using started = new AsyncDisposableStack();
  const [traces = 0, query = 0, queryGrpc = 0, otlp = 0, metrics = 0, health = 0, prometheus = 0] = await freePorts(7);
  const at = (port: number) => `127.0.0.1:${port}`;

  const jaegerConfig = join(folder, "jaeger.yaml");
  writeFileSync(jaegerConfig, stringify(jaeger({ traces: at(traces), http: at(query), grpc: at(queryGrpc) })));
  started.use(
    await startProgram({
      name: "jaeger",
      args: ["--config", jaegerConfig],
      readyUrl: `http://${at(query)}/api/services`,
      folder,
    }),
  );

  // The deployed configuration, but for where it listens.
  const overrides = [
    `receivers::otlp::protocols::http::endpoint: ${at(otlp)}`,
    `exporters::prometheus::endpoint: ${at(metrics)}`,
    `extensions::health_check::endpoint: ${at(health)}`,
    "connectors::spanmetrics::metrics_flush_interval: 1s",
    "service::telemetry::metrics::level: none",
  ];
  started.use(
    await startProgram({
      name: "otelcol",
      args: [
        "--config",
        chartFile("collector.yaml"),
        ...overrides.flatMap((override) => ["--config", `yaml:${override}`]),
      ],
      env: {
        TRACES_ENDPOINT: at(traces),
        KEEP_COST_ABOVE: String(keepCostAbove),
        KEEP_PERCENTAGE: String(keepPercentage),
        SETTLE_WAIT: "3s",
      },
      readyUrl: `http://${at(health)}/`,
      folder,
    }),
  );

  const prometheusConfig = join(folder, "prometheus.yaml");
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [chartFile("alerts.yaml")],
    scrape_configs: [{ job_name: "collector", honor_labels: true, static_configs: [{ targets: [at(metrics)] }] }],
  };
  writeFileSync(prometheusConfig, stringify(config));
  started.use(
    await startProgram({
      name: "prometheus",
      args: [
        `--config.file=${prometheusConfig}`,
        `--storage.tsdb.path=${join(folder, "prometheus")}`,
        `--web.listen-address=${at(prometheus)}`,
        "--enable-feature=exemplar-storage",
      ],
      readyUrl: `http://${at(prometheus)}/-/ready`,
      folder,
    }),
  );

  const all = started.move();
  return {
    otlp: `http://${at(otlp)}`,
    jaeger: `http://${at(query)}`,
    prometheus: `http://${at(prometheus)}`,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Jaeger with its traces in memory. */
function jaeger({ traces, http, grpc }: { traces: string; http: string; grpc: string }): object {
  return {
    receivers: { otlp: { protocols: { grpc: { endpoint: traces } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: "memory" } },
    extensions: {
      jaeger_storage: { backends: { memory: { memory: { max_traces: 100_000 } } } },
      jaeger_query: { storage: { traces: "memory" }, http: { endpoint: http }, grpc: { endpoint: grpc } },
    },
    service: {
      extensions: ["jaeger_storage", "jaeger_query"],
      telemetry: { metrics: { level: "none" } },
      pipelines: { traces: { receivers: ["otlp"], exporters: ["jaeger_storage_exporter"] } },
    },
  };
}
