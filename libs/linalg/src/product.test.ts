import fc from "fast-check";
import { inverse } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { cholesky } from "./cholesky.ts";
import { createMatrix, matrixFromRows, transpose } from "./matrix.ts";
import { multiply, multiplyTransposed, symmetricProduct, transposedMultiply } from "./product.ts";
import { distance, fromMl, randomMatrix, randomPositive, toMl } from "./testing.ts";
import { inverseFromFactor, solveLower, solveUpper } from "./triangular.ts";

const size = fc.integer({ min: 0, max: 90 });

describe("products", () => {
  it("agree with ml-matrix for any shape", () => {
    fc.assert(
      fc.property(size, size, size, fc.integer(), (rows, inner, columns, seed) => {
        const a = randomMatrix(rows, inner, seed);
        const b = randomMatrix(inner, columns, seed + 1);
        const reference = fromMl(toMl(a).mmul(toMl(b)));
        expect(distance(multiply(a, b), reference)).toBeLessThan(1e-12);
        expect(distance(multiplyTransposed(a, transpose(b)), reference)).toBeLessThan(1e-12);
        expect(distance(transposedMultiply(transpose(a), b), reference)).toBeLessThan(1e-12);
        expect(distance(symmetricProduct(a), fromMl(toMl(a).transpose().mmul(toMl(a))))).toBeLessThan(1e-12);
      }),
      { numRuns: 40 },
    );
  });

  it("refuse shapes that do not fit", () => {
    expect(() => multiply(createMatrix(2, 3), createMatrix(2, 3))).toThrow(RangeError);
    expect(() => multiplyTransposed(createMatrix(2, 3), createMatrix(3, 2))).toThrow(RangeError);
    expect(() => transposedMultiply(createMatrix(2, 3), createMatrix(3, 2))).toThrow(RangeError);
  });
});

describe("triangular solves", () => {
  it("undo the product with the factor, for any shape", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), size, fc.integer(), (n, m, seed) => {
        const { factor } = cholesky(randomPositive(n, seed));
        const x = randomMatrix(n, m, seed + 1);
        expect(distance(solveLower(factor, multiply(factor, x)), x)).toBeLessThan(1e-11);
        expect(distance(solveUpper(factor, transposedMultiply(factor, x)), x)).toBeLessThan(1e-11);
      }),
      { numRuns: 40 },
    );
  });

  it("solve for one vector as for many", () => {
    const { factor } = cholesky(randomPositive(67, 1));
    const b = randomMatrix(67, 2, 2);
    const column = createMatrix(
      67,
      1,
      b.data.filter((_, i) => i % 2 === 0),
    );
    for (const solve of [solveLower, solveUpper]) {
      const both = solve(factor, b).data.filter((_, i) => i % 2 === 0);
      expect(distance(solve(factor, column), createMatrix(67, 1, both))).toBeLessThan(1e-13);
    }
  });

  it("do not read above the diagonal", () => {
    const full = matrixFromRows([
      [2, Number.NaN],
      [1, 4],
    ]);
    expect(
      solveLower(
        full,
        matrixFromRows([
          [2, 4],
          [9, 2],
        ]),
      ).data,
    ).toEqual(Float64Array.of(1, 2, 2, 0));
  });

  it("refuse shapes that do not fit", () => {
    expect(() => solveLower(createMatrix(3, 3), createMatrix(2, 1))).toThrow(RangeError);
    expect(() => solveUpper(createMatrix(2, 3), createMatrix(2, 1))).toThrow(RangeError);
  });
});

describe("inverseFromFactor", () => {
  it.each([1, 5, 64, 133])("agrees with ml-matrix (n = %i)", (n) => {
    const a = randomPositive(n, n);
    expect(distance(inverseFromFactor(cholesky(a).factor), fromMl(inverse(toMl(a))))).toBeLessThan(1e-12);
  });
});
