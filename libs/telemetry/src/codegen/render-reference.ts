import { prometheusName } from "./prometheus-name.ts";
import type { Schema } from "./schema.ts";

/** docs/reference/telemetry.md. */
export function renderReference(schema: Schema): string {
  const spans = schema.spans.map(({ id, brief, attributes, links }) => {
    const linked = links ? [`Links to \`${links.to}\`, at most ${links.limit}: ${links.brief}`, ""] : [];
    return [`### ${id}`, "", brief, "", ...attributes.map((name) => `- \`${name}\``), "", ...linked].join("\n");
  });
  const metrics = schema.metrics.map((metric) => {
    const { id, instrument, unit, attributes, brief } = metric;
    const names = attributes.map((name) => `\`${name}\``).join(", ");
    return row([`\`${id}\``, `\`${prometheusName(metric)}\``, instrument, unit, names, brief]);
  });
  const attributes = schema.attributes.map(({ id, type, unit, brief }) => row([`\`${id}\``, type, unit ?? "", brief]));
  return [
    "# Telemetry",
    "",
    "<!-- Generated from libs/telemetry/schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit. -->",
    "",
    "Every service exports traces and metrics by OTLP over HTTP when OTEL_EXPORTER_OTLP_ENDPOINT (or the variable of one signal) is set,",
    "and is silent otherwise. A trial is one trace, from its first lease to its end: its root is written when the trial ends, with the",
    "trial's cost, and all that worked on the trial hangs below. Calls between services are spans after OpenTelemetry's semantic",
    "conventions for RPC.",
    "",
    "## Spans",
    "",
    ...spans,
    "## Metrics",
    "",
    "In Prometheus dots are underscores: the attribute `superbatch.study` is the label `superbatch_study`. A histogram ends in `_bucket`, `_sum` and `_count`.",
    "",
    row(["Name", "In Prometheus", "Instrument", "Unit", "Attributes", "Meaning"]),
    row(Array(6).fill("---")),
    ...metrics,
    "",
    "## Attributes",
    "",
    row(["Name", "Type", "Unit", "Meaning"]),
    row(Array(4).fill("---")),
    ...attributes,
    "",
  ].join("\n");
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
