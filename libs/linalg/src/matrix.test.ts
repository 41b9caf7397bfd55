import { describe, expect, it } from "vitest";
import { createMatrix, matrixFromRows, transpose } from "./matrix.ts";

describe("matrices", () => {
  it("are row-major", () => {
    const a = matrixFromRows([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(a).toEqual({ rows: 2, columns: 3, data: Float64Array.of(1, 2, 3, 4, 5, 6) });
    expect(transpose(a).data).toEqual(Float64Array.of(1, 4, 2, 5, 3, 6));
    expect(matrixFromRows([])).toEqual(createMatrix(0, 0));
  });

  it("refuse sizes that do not fit", () => {
    expect(() => createMatrix(2, 2, new Float64Array(3))).toThrow("2 × 2 values are needed, not 3");
    expect(() => createMatrix(-1, 2)).toThrow(RangeError);
    expect(() => createMatrix(1, 0.5)).toThrow(RangeError);
    expect(() => matrixFromRows([[1], [2, 3]])).toThrow("row 1 has 2 values, row 0 has 1");
  });
});
