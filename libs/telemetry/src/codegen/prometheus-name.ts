import type { MetricEntry } from "./schema.ts";

/** Prometheus writes units out. */
const units: Readonly<Record<string, string>> = { s: "seconds", By: "bytes", "1": "ratio" };

/**
 * What a metric is called in Prometheus, by OpenTelemetry's translation: dots are underscores, the unit is a suffix unless it is an annotation like
 * `{trial}`, and counters end in `_total`. A histogram has this name with `_bucket`, `_sum` and `_count`.
 */
export function prometheusName({ id, instrument, unit }: Pick<MetricEntry, "id" | "instrument" | "unit">): string {
  const name = prometheusLabel(id);
  const suffixes = [units[unit], instrument === "counter" ? "total" : undefined];
  return [name, ...suffixes.filter((suffix) => suffix !== undefined)].join("_");
}

/** The names of all series of a metric. */
export function prometheusSeries(metric: MetricEntry): string[] {
  const name = prometheusName(metric);
  return metric.instrument === "histogram" ? ["bucket", "sum", "count"].map((suffix) => `${name}_${suffix}`) : [name];
}

/** What an attribute is called in Prometheus. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll(/[^a-zA-Z0-9_]/g, "_");
}
