import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { perturb } from "./perturbation.ts";
import { boxSpace } from "./testing/box-space.ts";

const dimensions: Dimension[] = [
  { name: "rate", kind: "numeric" },
  { name: "layers", kind: "numeric", levels: 5 },
  { name: "optimizer", kind: "categorical", categories: 3 },
  { name: "s", kind: "fidelity", basis: "fabolas" },
];
const start = Float64Array.of(0.5, 0.25, 1, 0.5);

describe("perturb", () => {
  it("stays in the space and reaches every neighbor", () => {
    const rng = createRng(1);
    const levels = new Set<number>();
    const categories = new Set<number>();
    let unchanged = 0;
    for (let i = 0; i < 400; i++) {
      const point = perturb(boxSpace(dimensions), start, 0.01, rng)!;
      expect(point[0]).toBeGreaterThanOrEqual(0);
      expect(point[0]).toBeLessThanOrEqual(1);
      levels.add(point[1]);
      categories.add(point[2]);
      if (point.join() === start.join()) unchanged++;
    }
    // Even a small scale moves an integer by one level.
    expect([...levels].sort()).toEqual([0, 0.25, 0.5]);
    expect([...categories].sort()).toEqual([0, 1, 2]);
    expect(unchanged).toBeLessThan(40);
  });

  it("moves numbers by about the scale", () => {
    const rng = createRng(2);
    const steps = Array.from({ length: 2000 }, () => perturb(boxSpace(dimensions), start, 0.05, rng)![0] - 0.5);
    const moved = steps.filter((step) => step !== 0);
    const sd = Math.sqrt(moved.reduce((sum, step) => sum + step * step, 0) / moved.length);
    expect(sd).toBeGreaterThan(0.045);
    expect(sd).toBeLessThan(0.055);
  });

  it("draws a value for what was inactive, and gives nothing where a constraint excludes the neighborhood", () => {
    const rng = createRng(3);
    const inactive = Float64Array.of(0.5, 0.25, 1, 0.5);
    inactive[0] = Number.NaN;
    const values = Array.from({ length: 50 }, () => perturb(boxSpace(dimensions), inactive, 0.01, rng)![0]);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.8);
    expect(
      perturb(
        boxSpace(dimensions, () => false),
        start,
        0.1,
        rng,
      ),
    ).toBeUndefined();
  });
});
