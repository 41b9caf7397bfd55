import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import { describe, expect, it } from "vitest";
import { createFeasibilityModel } from "./feasibility.ts";
import { pointMatrix } from "./points.ts";

const dimensions: Dimension[] = [
  { name: "rate", kind: "numeric" },
  { name: "depth", kind: "numeric" },
  { name: "kind", kind: "categorical", categories: 2 },
];

async function probabilities(points: Float64Array[], feasible: boolean[], at: Float64Array[]): Promise<Float64Array> {
  return createFeasibilityModel(dimensions, points, feasible)(pointMatrix(at, 3));
}

describe("createFeasibilityModel", () => {
  const rng = createRng(1);
  const points = Array.from({ length: 60 }, () => Float64Array.of(rng.uniform(), rng.uniform(), rng.integer(2)));

  it("is certain of feasibility while nothing failed", async () => {
    const p = await probabilities(
      points,
      points.map(() => true),
      [Float64Array.of(0.5, 0.5, 0)],
    );
    expect(Array.from(p)).toEqual([1]);
    expect(Array.from(await probabilities([], [], [Float64Array.of(0.5, 0.5, 0)]))).toEqual([1]);
  });

  it("learns a region", async () => {
    const feasible = points.map(([rate]) => rate < 0.6);
    const [inside, outside] = await probabilities(points, feasible, [
      Float64Array.of(0.2, 0.5, 0),
      Float64Array.of(0.9, 0.5, 1),
    ]);
    expect(inside).toBeGreaterThan(0.8);
    expect(outside).toBeLessThan(0.2);
  });

  it("learns a category", async () => {
    const feasible = points.map((point) => point[2] === 0);
    const [good, bad] = await probabilities(points, feasible, [
      Float64Array.of(0.5, 0.5, 0),
      Float64Array.of(0.5, 0.5, 1),
    ]);
    expect(good - bad).toBeGreaterThan(0.5);
  });

  it("leans to feasible far from a single failure, and is a probability everywhere", async () => {
    const p = await probabilities(
      [Float64Array.of(0, 0, 0)],
      [false],
      [Float64Array.of(1, 1, 1), Float64Array.of(0, 0, 0)],
    );
    expect(p[0]).toBeGreaterThan(0.6);
    expect(p[1]).toBeLessThan(0.5);
    expect(p[1]).toBeGreaterThan(0);
  });

  it("treats inactive columns as alike and refuses lengths that differ", async () => {
    const inactive = Float64Array.of(Number.NaN, 0.5, 0);
    const [p] = await probabilities([inactive, Float64Array.of(0.1, 0.5, 0)], [false, true], [inactive]);
    expect(p).toBeLessThan(0.5);
    expect(() => createFeasibilityModel(dimensions, points, [true])).toThrow(RangeError);
  });
});
