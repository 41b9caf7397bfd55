import { describe, expect, it } from "vitest";
import { withFixedFidelities } from "./candidate-space.ts";
import { incumbentPoints } from "./incumbents.ts";
import { boxSpace, numericSpace } from "./testing/box-space.ts";

const points = (...rows: number[][]) => rows.map((row) => Float64Array.from(row));

describe("incumbentPoints", () => {
  it("are the evaluated and the pending x at the target, each once", () => {
    const evaluated = points([0.1, 1], [0.2, 1]);
    const pending = points([0.2, 0.5], [0.3, 0]);
    expect(incumbentPoints(numericSpace(1, true), evaluated, pending)).toEqual(points([0.1, 1], [0.2, 1], [0.3, 1]));
  });

  it("are at the fidelities at which the space holds them", () => {
    const space = withFixedFidelities(numericSpace(1, true), new Map([[1, 0.25]]));
    expect(incumbentPoints(space, points([0.1, 1]), points([0.3, 0]))).toEqual(points([0.1, 0.25], [0.3, 0.25]));
  });

  it("keep the target where nothing valid is near, and an x outside of the space", () => {
    const { dimensions } = numericSpace(1, true);
    const closed = boxSpace(dimensions, () => false);
    expect(incumbentPoints(closed, points([0.1, 1]), [])).toEqual(points([0.1, 1]));
    expect(incumbentPoints(numericSpace(1, true), points([1.5, 1]), [])).toEqual(points([1.5, 1]));
  });

  it("are the first 50 of many evaluated, and all pending", () => {
    const many = Array.from({ length: 80 }, (_, i) => Float64Array.of(i / 100));
    const chosen = incumbentPoints(numericSpace(1), many, points([0.9], [0.95]));
    expect(chosen).toEqual([...many.slice(0, 50), ...points([0.9], [0.95])]);
  });

  it("needs one", () => {
    expect(() => incumbentPoints(numericSpace(1), [], [])).toThrow(RangeError);
  });
});
