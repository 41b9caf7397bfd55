import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { superBatchAt, superBatchCoordinate } from "./coordinate.ts";

describe("the super-batch coordinate", () => {
  it("matches the value computed independently; b is 0 and N is 1", () => {
    expect(superBatchCoordinate(512, 128, 50_000)).toBeCloseTo(0.2322977372, 9);
    expect(superBatchCoordinate(128, 128, 50_000)).toBe(0);
    expect(superBatchCoordinate(50_000, 128, 50_000)).toBe(1);
  });

  it("is inverted exactly for every B", () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 50_000 }), (size) => {
        return superBatchAt(superBatchCoordinate(size, 128, 50_000), 128, 50_000) === size;
      }),
    );
  });

  it("refuses sizes out of order", () => {
    expect(() => superBatchCoordinate(64, 128, 50_000)).toThrow(RangeError);
    expect(() => superBatchCoordinate(50_001, 128, 50_000)).toThrow(RangeError);
    expect(() => superBatchAt(1.1, 128, 50_000)).toThrow(RangeError);
  });
});
