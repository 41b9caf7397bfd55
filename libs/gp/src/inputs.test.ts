import { createMatrix, matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { describe, expect, it } from "vitest";
import { concatenateInputs, inputLayout, selectInputs, toInputs } from "./inputs.ts";
import { mixedDimensions, mixedPoints } from "./testing.ts";

const layout = inputLayout(mixedDimensions);

describe("inputs", () => {
  it("lay a conditional dimension on an arc, at one distance from where it is inactive", () => {
    const conditional = inputLayout([{ name: "b", kind: "numeric", condition: { parent: 0, values: [1] } }]);
    const { columns } = toInputs(conditional, matrixFromRows([[Number.NaN], [0], [0.4], [0.41], [1]]), "x");
    const distance = (i: number, j: number) => Math.hypot(columns[i]! - columns[j]!, columns[5 + i]! - columns[5 + j]!);
    for (const active of [1, 2, 3, 4]) expect(distance(0, active)).toBeCloseTo(2 / Math.PI, 14);
    expect(distance(2, 3)).toBeCloseTo(0.01, 6);
  });

  it("see an inactive category as one of its own", () => {
    const conditional = inputLayout([
      { name: "c", kind: "categorical", categories: 2, condition: { parent: 0, values: [1] } },
    ]);
    expect(toInputs(conditional, matrixFromRows([[0], [1], [Number.NaN]]), "x").columns).toEqual(
      Float64Array.of(0, 1, -1),
    );
  });

  it("are joined and selected by point", () => {
    const rng = createRng(1);
    const [a, b] = [mixedPoints(4, rng), mixedPoints(3, rng)];
    const whole = createMatrix(7, 7, Float64Array.of(...a.data, ...b.data));
    const joined = concatenateInputs(toInputs(layout, a, "a"), toInputs(layout, b, "b"));
    expect(joined).toEqual(toInputs(layout, whole, "x"));
    expect(selectInputs(joined, [4, 5, 6])).toEqual(toInputs(layout, b, "b"));
    expect(concatenateInputs(toInputs(layout, createMatrix(0, 7), "x"), joined)).toEqual(joined);
  });

  it("refuse wrong shapes and NaN without a condition, by element", () => {
    expect(() => toInputs(layout, createMatrix(1, 6), "points")).toThrow(
      "points has 6 columns, the model 7 dimensions",
    );
    const x = mixedPoints(3, createRng(2));
    x.data[2 * 7 + 4] = Number.NaN;
    expect(() => toInputs(layout, x, "anchors")).toThrow("anchors[2][4] (s) is NaN");
  });
});
