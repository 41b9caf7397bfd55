import { describe, expect, it } from "vitest";
import { maximize } from "./maximize.ts";

describe("maximize", () => {
  it("climbs Rosenbrock's valley", () => {
    let calls = 0;
    const f = ([a, b]: Float64Array, gradient?: Float64Array) => {
      calls++;
      gradient?.set([2 * (1 - a!) + 400 * a! * (b! - a! * a!), -200 * (b! - a! * a!)]);
      return -((1 - a!) ** 2) - 100 * (b! - a! * a!) ** 2;
    };
    const { theta, value } = maximize(f, Float64Array.of(-1.2, 1), { tolerance: 1e-14 });
    expect(theta[0]).toBeCloseTo(1, 5);
    expect(theta[1]).toBeCloseTo(1, 5);
    expect(value).toBeCloseTo(0, 9);
    expect(calls).toBeLessThan(80);
  });

  it("stays inside a support whose edge is −∞", () => {
    const f = ([a]: Float64Array, gradient?: Float64Array) => {
      gradient?.set([1 / a! - 1]);
      return a! > 0 ? Math.log(a!) - a! : Number.NEGATIVE_INFINITY;
    };
    expect(maximize(f, Float64Array.of(0.01)).theta[0]).toBeCloseTo(1, 3);
  });

  it("returns the start where there is nowhere to go", () => {
    const flat = (_: Float64Array, gradient?: Float64Array) => {
      gradient?.fill(0);
      return 1;
    };
    expect(maximize(flat, Float64Array.of(2, 3))).toEqual({ theta: Float64Array.of(2, 3), value: 1 });
    const broken = (_: Float64Array, gradient?: Float64Array) => {
      gradient?.fill(Number.NaN);
      return Number.NaN;
    };
    expect(maximize(broken, Float64Array.of(2)).theta[0]).toBe(2);
  });
});
