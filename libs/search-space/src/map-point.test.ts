import { describe, expect, it } from "vitest";
import { mapPoint } from "./map-point.ts";
import type { Parameter, SearchSpace } from "./parameter.ts";

const x: Parameter = { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } };
const narrow: Parameter = { name: "x", domain: { kind: "float", min: 0, max: 0.5, scale: "linear" } };
const y: Parameter = { name: "y", domain: { kind: "float", min: 0, max: 1, scale: "linear" } };
const fixedY: Parameter = { name: "y", domain: { kind: "fixed", value: 0.25 } };
const spaceOf = (...parameters: Parameter[]): SearchSpace => ({ parameters, constraints: [] });

describe("mapPoint", () => {
  it("keeps points that the new bounds contain", () => {
    expect(mapPoint(spaceOf(x), spaceOf(narrow), { x: 0.4 })).toEqual({ kind: "kept", point: { x: 0.4 } });
    expect(mapPoint(spaceOf(x), spaceOf(narrow), { x: 0.6 })).toEqual({
      kind: "outside",
      reason: "x must be from 0 to 0.5, not 0.6",
    });
  });

  it("defaults new parameters to the value that held before", () => {
    const defaulted = { kind: "defaulted", point: { x: 0.4, y: 0.25 }, defaulted: ["y"] };
    expect(mapPoint(spaceOf(x), spaceOf(x, fixedY), { x: 0.4 })).toEqual(defaulted);
    expect(mapPoint(spaceOf(x), spaceOf(x, y), { x: 0.4 }, { y: 0.25 })).toEqual(defaulted);
    expect(mapPoint(spaceOf(x), spaceOf(x, y), { x: 0.4 }).kind).toBe("outside");
  });

  it("turns a fixed parameter into a free one and back only at the fixed value", () => {
    expect(mapPoint(spaceOf(x, fixedY), spaceOf(x, y), { x: 0.4, y: 0.25 }).kind).toBe("kept");
    expect(mapPoint(spaceOf(x, y), spaceOf(x, fixedY), { x: 0.4, y: 0.25 }).kind).toBe("kept");
    expect(mapPoint(spaceOf(x, y), spaceOf(x, fixedY), { x: 0.4, y: 0.3 }).kind).toBe("outside");
  });

  it("drops a removed parameter only if it was fixed", () => {
    expect(mapPoint(spaceOf(x, fixedY), spaceOf(x), { x: 0.4, y: 0.25 })).toEqual({ kind: "kept", point: { x: 0.4 } });
    expect(mapPoint(spaceOf(x, y), spaceOf(x), { x: 0.4, y: 0.25 }).kind).toBe("outside");
  });

  it("asks the new constraints", () => {
    const constrained: SearchSpace = { parameters: [x], constraints: [{ coefficients: { x: 1 }, bound: 0.3 }] };
    expect(mapPoint(spaceOf(x), constrained, { x: 0.4 }).kind).toBe("outside");
  });
});
