import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { initialDesign } from "./initial-design.ts";
import { boxSpace, numericSpace } from "./testing/box-space.ts";

describe("initialDesign", () => {
  it("evaluates each x at every level, cheap ones first", () => {
    const design = initialDesign(numericSpace(3, true), createRng(1), { points: 4, levels: [0, 0.5] });
    expect(design).toHaveLength(8);
    for (let i = 0; i < 8; i += 2) {
      expect(design[i].subarray(0, 3)).toEqual(design[i + 1].subarray(0, 3));
      expect([design[i][3], design[i + 1][3]]).toEqual([0, 0.5]);
    }
    expect(new Set(design.map((point) => point[0])).size).toBe(4);
  });

  it("has one x more than the space has hyperparameters, or than half of them at three fidelities; within 3 and 12", () => {
    expect(initialDesign(numericSpace(1), createRng(1))).toHaveLength(3);
    expect(initialDesign(numericSpace(6), createRng(1))).toHaveLength(7);
    expect(initialDesign(numericSpace(20), createRng(1))).toHaveLength(12);
    expect(initialDesign(numericSpace(2, true), createRng(1))).toHaveLength(9);
    expect(initialDesign(numericSpace(8, true), createRng(1))).toHaveLength(15);
  });

  it("keeps constraints, and is empty where nothing is valid", () => {
    const half = boxSpace(numericSpace(2).dimensions, ([a, b]) => a + b <= 0.5);
    const design = initialDesign(half, createRng(1), { points: 8 });
    expect(design).toHaveLength(8);
    expect(design.every(([a, b]) => a + b <= 0.5)).toBe(true);
    expect(
      initialDesign(
        boxSpace(half.dimensions, () => false),
        createRng(1),
      ),
    ).toHaveLength(0);
  });
});
