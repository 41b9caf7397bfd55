import { createMatrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { inputLayout, toInputs } from "./inputs.ts";
import { chooseSubset } from "./subset.ts";

const layout = inputLayout([
  { name: "a", kind: "numeric" },
  { name: "b", kind: "numeric" },
]);

describe("chooseSubset", () => {
  const rng = createRng(1);
  const x = toInputs(
    layout,
    createMatrix(
      300,
      2,
      new Float64Array(600).map(() => rng.uniform()),
    ),
    "x",
  );
  const y = new Float64Array(300).map(() => rng.normal());

  it("keeps the lowest values, once each", () => {
    const indices = chooseSubset(x, y, 40, true);
    expect(new Set(indices).size).toBe(40);
    expect(indices).toEqual(indices.toSorted((i, j) => i - j));
    const lowest = Array.from(y.keys()).sort((i, j) => y[i]! - y[j]!);
    for (const index of lowest.slice(0, 10)) expect(indices).toContain(index);
  });

  it("leaves no point far from all that are kept", () => {
    const indices = chooseSubset(x, y, 40, false);
    for (let i = 0; i < 300; i++) {
      const nearest = Math.min(
        ...indices.map((j) => Math.hypot(x.columns[i]! - x.columns[j]!, x.columns[300 + i]! - x.columns[300 + j]!)),
      );
      expect(nearest).toBeLessThan(0.2);
    }
  });

  it("copes with points that all coincide", () => {
    const same = toInputs(layout, createMatrix(10, 2), "x");
    expect(chooseSubset(same, new Float64Array(10), 4, true)).toHaveLength(4);
  });
});
