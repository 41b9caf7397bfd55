import { readFileSync } from "node:fs";
import { readSchema, type Schema } from "./schema.ts";

export { prometheusLabel, prometheusName, prometheusSeries } from "./prometheus-name.ts";
export type { MetricEntry, Schema } from "./schema.ts";

/** The schema of the suite's telemetry. */
export function telemetrySchema(): Schema {
  return readSchema(readFileSync(new URL("../../schema/trial.yaml", import.meta.url), "utf8"));
}
