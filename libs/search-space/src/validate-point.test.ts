import { describe, expect, it } from "vitest";
import type { SearchSpace } from "./parameter.ts";
import { validatePoint } from "./validate-point.ts";

const space: SearchSpace = {
  parameters: [
    { name: "kind", domain: { kind: "categorical", categories: ["a", "b"] } },
    {
      name: "depth",
      domain: { kind: "integer", min: 1, max: 5, scale: "linear" },
      condition: { parent: "kind", values: ["a"] },
    },
    { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    { name: "flag", domain: { kind: "boolean" } },
    { name: "c", domain: { kind: "fixed", value: 7 } },
  ],
  constraints: [{ coefficients: { depth: 1, x: 2 }, bound: 4 }],
};
const valid = { kind: "a", depth: 3, x: 0.5, flag: true, c: 7 };

describe("validatePoint", () => {
  it("accepts valid points, the constraint met with equality included", () => {
    expect(validatePoint(space, valid)).toEqual([]);
    expect(validatePoint(space, { kind: "b", x: 1, flag: false, c: 7 })).toEqual([]);
  });

  it("names everything that is wrong", () => {
    const violations = validatePoint(space, { kind: "b", depth: 2, x: 1.5, c: 8, "no.such": 1 });
    expect(violations.map(({ path }) => path)).toEqual([
      'parameters["depth"]',
      'parameters["x"]',
      'parameters["flag"]',
      'parameters["c"]',
      'parameters["no.such"]',
    ]);
    expect(violations.map(({ message }) => message)).toEqual([
      'is inactive here, as "kind" is not one of "a"',
      "must be from 0 to 1, not 1.5",
      "is missing",
      "is fixed at 7",
      "is not a parameter of this space",
    ]);
  });

  it.each([
    ["depth", 2.5],
    ["depth", "2"],
    ["x", Number.NaN],
    ["flag", 1],
    ["kind", "c"],
  ])("refuses %s = %j", (name, value) => {
    expect(validatePoint(space, { ...valid, [name]: value })[0]?.path).toBe(`parameters["${name}"]`);
  });

  it("names the constraint that is violated", () => {
    expect(validatePoint(space, { ...valid, depth: 4 })).toEqual([
      { path: "parameters", message: "violates constraints[0]: the sum exceeds 4" },
    ]);
  });
});
