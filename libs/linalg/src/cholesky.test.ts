import fc from "fast-check";
import { CholeskyDecomposition } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { appendRows, cholesky, logDeterminant } from "./cholesky.ts";
import { createMatrix, type Matrix, matrixFromRows } from "./matrix.ts";
import { multiplyTransposed } from "./product.ts";
import { rankOneUpdate } from "./rank-one.ts";
import { distance, fromMl, randomMatrix, randomPositive, toMl } from "./testing.ts";

function block(a: Matrix, row: number, column: number, rows: number, columns: number): Matrix {
  const at = (i: number) => a.data.subarray((row + i) * a.columns + column, (row + i) * a.columns + column + columns);
  return createMatrix(rows, columns, Float64Array.from(Array.from({ length: rows }, (_, i) => [...at(i)]).flat()));
}

describe("cholesky", () => {
  it("agrees with ml-matrix for any size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 90 }), fc.integer(), (n, seed) => {
        const a = randomPositive(n, seed);
        const { factor, jitter } = cholesky(a);
        expect(jitter).toBe(0);
        if (n === 0) return;
        const reference = fromMl(new CholeskyDecomposition(toMl(a)).lowerTriangularMatrix);
        expect(distance(factor, reference)).toBeLessThan(1e-12);
      }),
      { numRuns: 60 },
    );
  });

  it.each([128, 129, 260])("agrees over several blocks (n = %i)", (n) => {
    const a = randomPositive(n, n);
    const reference = fromMl(new CholeskyDecomposition(toMl(a)).lowerTriangularMatrix);
    expect(distance(cholesky(a).factor, reference)).toBeLessThan(1e-12);
  });

  it("adds as little jitter as makes a singular matrix positive definite, in its own scale", () => {
    for (const scale of [1e-12, 1, 1e12]) {
      const a = createMatrix(7, 7, new Float64Array(49).fill(scale));
      const { factor, jitter } = cholesky(a);
      expect(jitter).toBeGreaterThan(0);
      expect(jitter).toBeLessThan(1e-10 * scale);
      expect(distance(multiplyTransposed(factor, factor), a)).toBeLessThan(1e-9 * scale);
    }
  });

  it("never fails on finite input", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        fc.double({ min: 1e-150, max: 1e150, noNaN: true }),
        (n, seed, scale) => {
          const a = randomMatrix(n, n, seed);
          const { factor, jitter } = cholesky(
            createMatrix(
              n,
              n,
              a.data.map((value) => value * scale),
            ),
          );
          expect(factor.data.every(Number.isFinite)).toBe(true);
          expect(jitter).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 50 },
    );
    expect(cholesky(createMatrix(3, 3)).jitter).toBeGreaterThan(0);
    expect(cholesky(matrixFromRows([[-4]])).jitter).toBeGreaterThan(4);
  });

  it("refuses what is not square or not finite, by element", () => {
    expect(() => cholesky(createMatrix(2, 3))).toThrow(/square/);
    expect(() =>
      cholesky(
        matrixFromRows([
          [1, 0],
          [Number.NaN, 1],
        ]),
      ),
    ).toThrow("element (1, 0) is NaN");
    expect(() =>
      cholesky(
        matrixFromRows([
          [1, 0],
          [0, Number.POSITIVE_INFINITY],
        ]),
      ),
    ).toThrow("element (1, 1) is Infinity");
    expect(
      cholesky(
        matrixFromRows([
          [1, Number.NaN],
          [0, 1],
        ]),
      ).jitter,
    ).toBe(0);
  });

  it("gives the logarithm of the determinant", () => {
    expect(
      logDeterminant(
        cholesky(
          matrixFromRows([
            [4, 2],
            [2, 5],
          ]),
        ).factor,
      ),
    ).toBeCloseTo(Math.log(16), 13);
  });
});

describe("changes of a factor", () => {
  it("appended rows give the factor of the larger matrix", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 9 }), fc.integer(), (n, m, seed) => {
        const a = randomPositive(n + m, seed);
        const { factor } = cholesky(block(a, 0, 0, n, n));
        const extended = appendRows(factor, block(a, 0, n, n, m), block(a, n, n, m, m));
        expect(extended.jitter).toBe(0);
        expect(distance(extended.factor, cholesky(a).factor)).toBeLessThan(1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it("a duplicated row is appended with jitter", () => {
    const { factor, jitter } = appendRows(matrixFromRows([[1]]), matrixFromRows([[1]]), matrixFromRows([[1]]));
    expect(jitter).toBeGreaterThan(0);
    expect(factor.data[3]).toBeGreaterThan(0);
  });

  it("a row that adds no more than round-off is appended with jitter, in the scale of its diagonal element", () => {
    // Exactly, the row adds 4e-15 of its element; what is left of it after the subtraction has one digit.
    const row = (scale: number) =>
      appendRows(
        matrixFromRows([[scale]]),
        matrixFromRows([[scale ** 2 * (1 - 2e-15)]]),
        matrixFromRows([[scale ** 2]]),
      );
    for (const scale of [1e-6, 1, 1e6]) {
      const { factor, jitter } = row(scale);
      expect(jitter).toBeGreaterThanOrEqual(1e-12 * scale ** 2);
      expect(jitter).toBeLessThan(1e-11 * scale ** 2);
      expect(factor.data[3]).toBeGreaterThan(0.9e-6 * scale);
    }
  });

  it("a row with a value that is not finite is refused", () => {
    const [one, nan] = [matrixFromRows([[1]]), matrixFromRows([[Number.NaN]])];
    expect(() => appendRows(one, nan, one)).toThrow(RangeError);
    expect(() => appendRows(one, one, nan)).toThrow(RangeError);
  });

  it("a rank-one update gives the factor of the sum", () => {
    const a = randomPositive(20, 5);
    const v = randomMatrix(20, 1, 6);
    const sum = createMatrix(
      20,
      20,
      a.data.map((value, i) => value + v.data[Math.floor(i / 20)]! * v.data[i % 20]!),
    );
    expect(distance(rankOneUpdate(cholesky(a).factor, v.data), cholesky(sum).factor)).toBeLessThan(1e-12);
    expect(() => rankOneUpdate(a, new Float64Array(3))).toThrow(RangeError);
  });
});
