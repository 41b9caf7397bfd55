import { parse } from "yaml";

interface Entry {
  readonly id: string;
  readonly constant: string;
  readonly brief: string;
}

interface SpanEntry extends Entry {
  readonly kind: string;
  readonly attributes: readonly string[];
}

interface AttributeEntry extends Entry {
  readonly type: "string" | "int" | "double" | "boolean" | "string[]";
  readonly unit?: string;
}

interface Schema {
  readonly spans: readonly SpanEntry[];
  readonly attributes: readonly AttributeEntry[];
}

/**
 * The source of conventions.ts.
 *
 * @param yaml - text of schema/trial.yaml.
 * @throws {Error} if a span names an attribute that is not defined, or an id or constant is used twice.
 */
export function renderConventions(yaml: string): string {
  const schema = parse(yaml) as Schema;
  const known = new Set(schema.attributes.map(({ id }) => id));
  for (const entries of [schema.spans, schema.attributes] as const) {
    unique(entries.map(({ id }) => id));
    unique(entries.map(({ constant }) => constant));
  }
  for (const span of schema.spans) {
    for (const id of span.attributes) if (!known.has(id)) throw new Error(`${span.id} has the unknown attribute ${id}`);
  }
  return [
    "// Generated from schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit.",
    "",
    "/** Names of spans. */",
    "export const spanName = {",
    ...schema.spans.flatMap(({ brief, constant, id }) => [`  /** ${brief} */`, `  ${constant}: "${id}",`]),
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
  ].join("\n");
}

/** A property with a list, on one line where the formatter would put it there. */
function renderList(id: string, values: readonly string[]): string {
  const quoted = values.map((value) => `"${value}"`);
  const line = `  "${id}": [${quoted.join(", ")}],`;
  return line.length <= 120 ? line : [`  "${id}": [`, ...quoted.map((value) => `    ${value},`), "  ],"].join("\n");
}

function describe({ brief, type, unit }: AttributeEntry): string {
  return `${brief} ${unit === undefined ? `(${type})` : `(${type}, unit ${unit})`}`;
}

function unique(values: readonly string[]): void {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new Error(`${twice} is defined twice`);
}
