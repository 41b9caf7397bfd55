import { describe, expect, it } from "vitest";
import { standardization, standardize } from "./standardization.ts";

describe("standardization", () => {
  it("gives mean 0 and sd 1 on any scale", () => {
    for (const scale of [1e-300, 1e-12, 1, 1e12, 1e300]) {
      const y = Float64Array.of(1, 2, 4, 9).map((value) => value * scale);
      const z = standardize(standardization(y), y);
      expect(z.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
      expect(z.reduce((sum, value) => sum + value * value, 0) / 4).toBeCloseTo(1, 12);
    }
  });

  it("takes constant data's magnitude as its scale", () => {
    expect(standardization(Float64Array.of(-0.3, -0.3))).toEqual({ center: -0.3, scale: 0.3 });
    expect(standardization(Float64Array.of(0, 0))).toEqual({ center: 0, scale: 1 });
    expect(standardization(new Float64Array(0))).toEqual({ center: 0, scale: 1 });
  });

  it("names what is not finite", () => {
    expect(() => standardization(Float64Array.of(1, Number.POSITIVE_INFINITY))).toThrow("y[1] is Infinity");
  });
});
