import { describe, expect, it } from "vitest";
import { allPoints } from "./all-points.ts";
import type { SearchSpace } from "./parameter.ts";

const space: SearchSpace = {
  parameters: [
    { name: "kind", domain: { kind: "categorical", categories: ["a", "b"] } },
    {
      name: "n",
      domain: { kind: "integer", min: 1, max: 3, scale: "linear" },
      condition: { parent: "kind", values: ["b"] },
    },
    { name: "m", domain: { kind: "discrete", values: [0.5, 2], scale: "linear" } },
    { name: "always", domain: { kind: "fixed", value: 7 } },
  ],
  constraints: [{ coefficients: { n: 1, m: 1 }, bound: 4 }],
};

describe("allPoints", () => {
  it("lists what conditions and constraints allow", () => {
    const always = 7;
    expect(allPoints(space)).toEqual([
      { kind: "a", m: 0.5, always },
      { kind: "a", m: 2, always },
      { kind: "b", n: 1, m: 0.5, always },
      { kind: "b", n: 1, m: 2, always },
      { kind: "b", n: 2, m: 0.5, always },
      { kind: "b", n: 2, m: 2, always },
      { kind: "b", n: 3, m: 0.5, always },
    ]);
  });

  it("lists nothing of a space with a float that varies, or with too many points", () => {
    const float: SearchSpace = {
      parameters: [...space.parameters, { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } }],
      constraints: [],
    };
    expect(allPoints(float)).toBeUndefined();
    expect(allPoints(float, { x: 0.5 })).toHaveLength(8);
    expect(allPoints(space, {}, 7)).toBeUndefined();
  });
});
