import type { AttributeEntry, Schema } from "./schema.ts";

/** clients/python/src/superbatch/conventions.py: the names for trainers in Python, and what each span and metric may have. */
export function renderPython(schema: Schema): string {
  const names = (
    kind: string,
    entries: readonly { readonly constant: string; readonly id: string; readonly brief: string }[],
  ) =>
    entries.flatMap(({ constant, id, brief }) => [`#: ${brief}`, `${kind}_${upperSnake(constant)}: Final = "${id}"`]);
  const attributes = new Map(schema.attributes.map((entry) => [entry.id, entry]));
  const lists = (
    title: string,
    entries: readonly { readonly id: string; readonly attributes: readonly string[] }[],
  ) => [
    `${title}: Final[Mapping[str, Mapping[str, type]]] = {`,
    ...entries.flatMap(({ id, attributes: own }) => [
      `    "${id}": {`,
      ...own.map((name) => `        "${name}": ${typeOf(attributes.get(name)!)},`),
      "    },",
    ]),
    "}",
  ];
  return [
    '"""Names of the suite\'s telemetry: what a trainer of one\'s own calls its spans, their attributes and its metrics, so that boards and alerts find them.',
    "",
    'Generated from libs/telemetry/schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit."""',
    "",
    "from __future__ import annotations",
    "",
    "from typing import Final, Mapping",
    "",
    ...names("SPAN", schema.spans),
    "",
    ...names("METRIC", schema.metrics),
    "",
    ...names("ATTRIBUTE", schema.attributes),
    "",
    "#: Attributes that each span may have, with their types.",
    ...lists("SPAN_ATTRIBUTES", schema.spans),
    "",
    "#: Attributes that each metric may have, with their types.",
    ...lists("METRIC_ATTRIBUTES", schema.metrics),
    "",
    "#: Upper boundaries of histograms' buckets, in the metric's unit.",
    "METRIC_BOUNDARIES: Final[Mapping[str, tuple[float, ...]]] = {",
    ...schema.metrics.flatMap(({ id, boundaries }) => (boundaries ? [`    "${id}": (${boundaries.join(", ")}),`] : [])),
    "}",
    "",
  ].join("\n");
}

function upperSnake(constant: string): string {
  return constant.replace(/[A-Z0-9]+/g, "_$&").toUpperCase();
}

function typeOf({ type }: AttributeEntry): string {
  return { string: "str", int: "int", double: "float", boolean: "bool", "string[]": "list" }[type];
}
