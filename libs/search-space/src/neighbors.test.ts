import { describe, expect, it } from "vitest";
import { complete, neighbors } from "./neighbors.ts";
import type { SearchSpace } from "./parameter.ts";

const space: SearchSpace = {
  parameters: [
    { name: "kind", domain: { kind: "categorical", categories: ["a", "b", "c"] } },
    { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
    {
      name: "depth",
      domain: { kind: "integer", min: 1, max: 5, scale: "linear" },
      condition: { parent: "kind", values: ["b"] },
    },
  ],
  constraints: [{ coefficients: { depth: 1 }, bound: 4 }],
};

describe("neighbors", () => {
  it("changes one choice at a time and completes what becomes active", () => {
    expect(neighbors(space, { kind: "a", x: 0.3 })).toEqual([
      { kind: "b", x: 0.3, depth: 3 },
      { kind: "c", x: 0.3 },
    ]);
  });

  it("steps ordered values both ways and leaves out what constraints exclude", () => {
    expect(neighbors(space, { kind: "b", x: 0.3, depth: 4 })).toEqual([
      { kind: "a", x: 0.3 },
      { kind: "c", x: 0.3 },
      { kind: "b", x: 0.3, depth: 3 },
    ]);
  });
});

describe("complete", () => {
  it("refuses values outside their domain", () => {
    expect(() => complete(space, { kind: "b", depth: 9 })).toThrow("depth");
  });
});
