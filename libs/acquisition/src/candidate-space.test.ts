import { describe, expect, it } from "vitest";
import { withFixedFidelities } from "./candidate-space.ts";
import { numericSpace } from "./testing/box-space.ts";

describe("withFixedFidelities", () => {
  const space = numericSpace(2, true);
  const fixed = withFixedFidelities(space, new Map([[2, 0.25]]));

  it("gives every candidate the fixed fidelity and leaves x alone", () => {
    expect(fixed.sample(Float64Array.of(0.1, 0.2, 0.9))).toEqual(Float64Array.of(0.1, 0.2, 0.25));
    expect(fixed.repair(Float64Array.of(0.1, 1.2, 0.9))).toEqual(Float64Array.of(0.1, 1, 0.25));
  });

  it("keeps the target", () => {
    expect(fixed.target(Float64Array.of(0.1, 0.2, 0.25))).toEqual(Float64Array.of(0.1, 0.2, 1));
  });

  it("refuses a column that is no fidelity", () => {
    expect(() => withFixedFidelities(space, new Map([[0, 1]]))).toThrow(RangeError);
  });
});
