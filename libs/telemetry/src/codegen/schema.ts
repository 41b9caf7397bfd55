import { parse } from "yaml";

interface Entry {
  /** The name on the wire. */
  readonly id: string;
  /** The name in code. */
  readonly constant: string;
  readonly brief: string;
}

export interface SpanEntry extends Entry {
  readonly kind: string;
  readonly attributes: readonly string[];
  /** Spans of other traces that it leads to. */
  readonly links?: {
    /** Name of these spans. */
    readonly to: string;
    /** Most of them. */
    readonly limit: number;
    readonly brief: string;
  };
}

export interface MetricEntry extends Entry {
  readonly instrument: "counter" | "gauge" | "histogram";
  readonly unit: string;
  /** Upper boundaries of a histogram's buckets, in the unit. */
  readonly boundaries?: readonly number[];
  readonly attributes: readonly string[];
}

export interface AttributeEntry extends Entry {
  readonly type: "string" | "int" | "double" | "boolean" | "string[]";
  readonly unit?: string;
}

/** schema/trial.yaml. */
export interface Schema {
  readonly spans: readonly SpanEntry[];
  readonly metrics: readonly MetricEntry[];
  readonly attributes: readonly AttributeEntry[];
}

/**
 * @param yaml - text of schema/trial.yaml.
 * @throws {Error} if a span or metric names an attribute that is not defined, a span links to one that is not, or an id or constant is used twice.
 */
export function readSchema(yaml: string): Schema {
  const schema = parse(yaml) as Schema;
  const known = new Set(schema.attributes.map(({ id }) => id));
  for (const entries of [schema.spans, schema.metrics, schema.attributes]) {
    unique(entries.map(({ id }) => id));
    unique(entries.map(({ constant }) => constant));
  }
  for (const { id, attributes } of [...schema.spans, ...schema.metrics]) {
    const unknown = attributes.find((name) => !known.has(name));
    if (unknown !== undefined) throw new Error(`${id} has the unknown attribute ${unknown}`);
  }
  const spans = new Set(schema.spans.map(({ id }) => id));
  for (const { id, links } of schema.spans)
    if (links && !spans.has(links.to)) throw new Error(`${id} links to the unknown span ${links.to}`);
  return schema;
}

function unique(values: readonly string[]): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new Error(`${twice} is defined twice`);
}
