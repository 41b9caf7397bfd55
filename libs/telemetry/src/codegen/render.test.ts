import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderConventions } from "./render.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("renderConventions", () => {
  it("gives the committed conventions.ts", () => {
    expect(renderConventions(read("../../schema/trial.yaml"))).toBe(read("../conventions.ts"));
  });

  it("refuses a span with an attribute that is not defined", () => {
    const yaml = "spans: [{id: a, constant: a, kind: internal, brief: A., attributes: [b]}]\nattributes: []";
    expect(() => renderConventions(yaml)).toThrow("a has the unknown attribute b");
  });

  it("refuses an id that is defined twice", () => {
    const one = "{id: a, constant: b, type: int, brief: A.}";
    expect(() => renderConventions(`spans: []\nattributes: [${one}, ${one}]`)).toThrow("a is defined twice");
  });
});
