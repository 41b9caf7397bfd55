import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderConventions } from "./render.ts";
import { renderPython } from "./render-python.ts";
import { renderReference } from "./render-reference.ts";
import { readSchema } from "./schema.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const schema = readSchema(read("../../schema/trial.yaml"));

describe("generated files are what the schema says", () => {
  it("conventions.ts", () => {
    expect(renderConventions(schema)).toBe(read("../conventions.ts"));
  });
  it("the Python package's conventions.py", () => {
    expect(renderPython(schema)).toBe(read("../../../../clients/python/src/superbatch/conventions.py"));
  });
  it("docs/reference/telemetry.md", () => {
    expect(renderReference(schema)).toBe(read("../../../../docs/reference/telemetry.md"));
  });
});

describe("readSchema", () => {
  it("refuses a span with an attribute that is not defined", () => {
    const yaml =
      "spans: [{id: a, constant: a, kind: internal, brief: A., attributes: [b]}]\nmetrics: []\nattributes: []";
    expect(() => readSchema(yaml)).toThrow("a has the unknown attribute b");
  });

  it("refuses a span with links to one that is not defined", () => {
    const links = "{to: b, limit: 1, brief: B.}";
    const yaml = `spans: [{id: a, constant: a, kind: internal, brief: A., attributes: [], links: ${links}}]\nmetrics: []\nattributes: []`;
    expect(() => readSchema(yaml)).toThrow("a links to the unknown span b");
  });

  it("refuses an id that is defined twice", () => {
    const one = "{id: a, constant: b, type: int, brief: A.}";
    expect(() => readSchema(`spans: []\nmetrics: []\nattributes: [${one}, ${one}]`)).toThrow("a is defined twice");
  });
});
