import { prometheusLabel, prometheusSeries, type Schema } from "@superbatch/telemetry/schema";
import type { Rules } from "./rules.ts";

/** Labels that Prometheus and the collector add. */
const common = new Set([
  "__name__",
  "job",
  "instance",
  "le",
  "otel_scope_name",
  "otel_scope_version",
  "otel_scope_schema_url",
  "collector_instance_id",
]);

/** What a query may speak of. */
export interface Names {
  readonly series: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** The names of the schema and of what the rules record. @param made - labels that a query makes itself */
export function knownNames(schema: Schema, { recorded }: Rules, made: readonly string[] = []): Names {
  const series = [...schema.metrics.flatMap(prometheusSeries), ...recorded.keys()];
  const labels = [...common, ...schema.attributes.map(({ id }) => prometheusLabel(id)), ...made];
  return { series: new Set(series), labels: new Set(labels) };
}

/** Names in a query that are not known, each once. */
export function unknownNames(expr: string, { series, labels }: Names): string[] {
  const bare = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  // Metrics and recorded series have an underscore or a colon in their names; functions and keywords of PromQL that do are listed.
  const lists = [...bare.matchAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g)];
  const matchers = [...bare.matchAll(/\{([^}]*)\}/g)];
  const used = [
    ...lists.flatMap(([, list]) => list!.split(",")),
    ...matchers.flatMap(([, list]) => list!.split(",").map((matcher) => matcher.split(/[=!]/)[0]!)),
  ].map((name) => name.trim());
  const rest = bare
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ")
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, " ");
  const metrics = [...rest.matchAll(/[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\()\b/g)].map(([name]) => name);
  const named = metrics.filter((name) => /[_:]/.test(name) && !new RegExp(`\\b${name}\\s*\\(`).test(rest));
  return [
    ...new Set([...used.filter((name) => name && !labels.has(name)), ...named.filter((name) => !series.has(name))]),
  ];
}

/** The labels that a series of the schema may have; undefined for other series. */
export function allowedLabels(schema: Schema, name: string): ReadonlySet<string> | undefined {
  const metric = schema.metrics.find((candidate) => prometheusSeries(candidate).includes(name));
  return metric && new Set([...common, ...metric.attributes.map(prometheusLabel)]);
}
