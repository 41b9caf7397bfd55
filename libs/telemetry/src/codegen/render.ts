import type { AttributeEntry, Schema } from "./schema.ts";

/** The source of conventions.ts. */
export function renderConventions(schema: Schema): string {
  return [
    "// Generated from schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit.",
    "",
    "/** Names of spans. */",
    "export const spanName = {",
    ...schema.spans.flatMap(({ brief, constant, id }) => [`  /** ${brief} */`, `  ${constant}: "${id}",`]),
    "} as const;",
    "",
    "/** Names of metrics. */",
    "export const metricName = {",
    ...schema.metrics.flatMap(({ brief, constant, id, instrument, unit }) => [
      `  /** ${brief} (${instrument}, unit ${unit}) */`,
      `  ${constant}: "${id}",`,
    ]),
    "} as const;",
    "",
    "/** Names of attributes. */",
    "export const attribute = {",
    ...schema.attributes.flatMap((entry) => [`  /** ${describe(entry)} */`, `  ${entry.constant}: "${entry.id}",`]),
    "} as const;",
    "",
    "/** Attributes that each span may have. */",
    "export const spanAttributes: Readonly<Record<string, readonly string[]>> = {",
    ...schema.spans.map(({ id, attributes }) => renderList(id, attributes)),
    "};",
    "",
    "/** Most links that a span may have; none if it is not here. */",
    "export const spanLinkLimits: Readonly<Record<string, number>> = {",
    ...schema.spans.flatMap(({ id, links }) =>
      links ? [`  /** To ${links.to}: ${decapitalized(links.brief)} */`, `  "${id}": ${links.limit},`] : [],
    ),
    "};",
    "",
    "/** Upper boundaries of histograms' buckets, in the metric's unit. */",
    "export const metricBoundaries: Readonly<Record<string, readonly number[]>> = {",
    ...schema.metrics.flatMap(({ id, boundaries }) => (boundaries ? [`  "${id}": [${boundaries.join(", ")}],`] : [])),
    "};",
    "",
  ].join("\n");
}

/** A property with a list, on one line where the formatter would put it there. */
function renderList(id: string, values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  const line = `  "${id}": [${quoted.join(", ")}],`;
  return line.length <= 120 ? line : [`  "${id}": [`, ...quoted.map((value) => `    ${value},`), "  ],"].join("\n");
}

function decapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function describe({ brief, type, unit }: AttributeEntry): string {
  return `${brief} ${unit === undefined ? `(${type})` : `(${type}, unit ${unit})`}`;
}
