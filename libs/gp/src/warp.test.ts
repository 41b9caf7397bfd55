import fc from "fast-check";
import { describe, it } from "vitest";
import { warp, warpGradient } from "./warp.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const shape = fc.double({ min: -2, max: 2, noNaN: true });

describe("warp", () => {
  it("is the identity for a = b = 1", () => {
    fc.assert(fc.property(unit, (x) => Math.abs(warp(x, 0, 0) - x) <= 1.1e-7));
  });

  it("is monotone from 0 to 1", () => {
    fc.assert(
      fc.property(unit, unit, shape, shape, (x, y, a, b) => {
        const [low, high] = [warp(Math.min(x, y), a, b), warp(Math.max(x, y), a, b)];
        return low >= 0 && low <= high && high <= 1;
      }),
    );
  });

  it("has the derivatives that differences show", () => {
    fc.assert(
      fc.property(unit, shape, shape, (x, a, b) => {
        const h = 1e-5;
        const { byA, byB } = warpGradient(x, a, b);
        const differenceA = (warp(x, a + h, b) - warp(x, a - h, b)) / (2 * h);
        const differenceB = (warp(x, a, b + h) - warp(x, a, b - h)) / (2 * h);
        return Math.abs(byA - differenceA) < 1e-6 && Math.abs(byB - differenceB) < 1e-6;
      }),
    );
  });
});
