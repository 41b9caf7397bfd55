import { cholesky, createMatrix, type Matrix, matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitForest } from "./forest.ts";

const numeric: Dimension[] = [
  { name: "a", kind: "numeric" },
  { name: "b", kind: "numeric" },
];
/** A category, and a number that is active only in category 1. */
const conditional: Dimension[] = [
  { name: "kind", kind: "categorical", categories: 4 },
  { name: "rate", kind: "numeric", condition: { parent: 0, values: [1] } },
  { name: "a", kind: "numeric" },
];

function uniform(n: number, columns: number, seed = 1): Matrix {
  const rng = createRng(seed);
  return createMatrix(
    n,
    columns,
    Float64Array.from({ length: n * columns }, () => rng.uniform()),
  );
}

function conditionalPoints(n: number, seed: number): Matrix {
  const rng = createRng(seed);
  return matrixFromRows(
    Array.from({ length: n }, () => {
      const kind = rng.integer(4);
      return [kind, kind === 1 ? rng.uniform() : Number.NaN, rng.uniform()];
    }),
  );
}

const rowOf = ({ data, columns }: Matrix, i: number) => [...data.subarray(i * columns, (i + 1) * columns)];
const valuesAt = (x: Matrix, f: (row: number[]) => number) =>
  Float64Array.from({ length: x.rows }, (_, i) => f(rowOf(x, i)));

/** Root-mean-square error of the means at other points, relative to the function's standard deviation there. */
function relativeError(mean: Float64Array, truth: Float64Array): number {
  const center = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const squares = truth.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return Math.sqrt(mean.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / squares);
}

describe("random forest", () => {
  it("predicts a function of numbers better the more it has seen", () => {
    const f = ([a, b]: number[]) => 100 + 10 * Math.sin(5 * a!) * b!;
    const test = uniform(300, 2, 99);
    const errors = [50, 2000].map((n) => {
      const x = uniform(n, 2);
      const forest = fitForest({ dimensions: numeric, x, y: valuesAt(x, f) }, {}, createRng(1));
      return relativeError(forest.posterior(createMatrix(0, 2), test).mean, valuesAt(test, f));
    });
    expect(errors[0]).toBeLessThan(0.6);
    expect(errors[1]).toBeLessThan(0.12);
  });

  it("learns of categories that have no order, and of a number that is active in one of them only", () => {
    const f = ([kind, rate, a]: number[]) => [3, 0, 8, 1][kind!]! + (kind === 1 ? 4 * rate! : 0) + a!;
    const x = conditionalPoints(400, 1);
    const forest = fitForest({ dimensions: conditional, x, y: valuesAt(x, f) }, {}, createRng(1));
    const test = conditionalPoints(200, 2);
    expect(relativeError(forest.posterior(createMatrix(0, 3), test).mean, valuesAt(test, f))).toBeLessThan(0.12);
  });

  it("is unsure between what it has seen, and knows the noise", () => {
    const rng = createRng(3);
    // Nothing was seen from a = 0.3 to 0.7.
    const x = createMatrix(400, 2, uniform(400, 2).data);
    for (let i = 0; i < 400; i++) x.data[2 * i] = (x.data[2 * i]! * 3) / 5 + (x.data[2 * i]! < 0.5 ? 0 : 0.4);
    const y = valuesAt(x, ([a]) => 5 * a! + 0.3 * rng.normal());
    const places = matrixFromRows([
      [0.15, 0.5],
      [0.5, 0.5],
    ]);
    const forest = fitForest({ dimensions: numeric, x, y }, { splitAt: 20 }, createRng(1));
    const { variance, noise } = forest.posterior(createMatrix(0, 2), places);
    expect(variance[1]).toBeGreaterThan(3 * variance[0]!);
    expect(noise[0]).toBeGreaterThan(0.04);
    expect(noise[0]).toBeLessThan(0.2);
  });

  it("has a positive semidefinite covariance, and says the same jointly and marginally", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 1000 }), (n, seed) => {
        const x = conditionalPoints(n, seed);
        const rng = createRng(seed);
        const y = Float64Array.from({ length: n }, () => rng.normal());
        const forest = fitForest({ dimensions: conditional, x, y }, { trees: 16 }, createRng(seed));
        const places = conditionalPoints(12, seed + 1);
        const { anchorCovariance, anchorMean, anchorNoise, mean, variance, noise, cross } = forest.posterior(
          places,
          places,
        );
        const scale = Math.max(...variance);
        expect(cholesky(anchorCovariance).jitter).toBeLessThanOrEqual(1e-8 * scale);
        for (let i = 0; i < 12; i++) {
          expect(anchorCovariance.data[i * 13]! / scale).toBeCloseTo(variance[i]! / scale, 9);
          for (let j = 0; j < 12; j++) {
            expect(cross.data[i * 12 + j]! / scale).toBeCloseTo(anchorCovariance.data[i * 12 + j]! / scale, 9);
          }
        }
        expect([...anchorMean, ...anchorNoise]).toEqual([...mean, ...noise]);
      }),
      { numRuns: 50 },
    );
  });

  it("is a function of its seed", () => {
    const x = uniform(30, 2);
    const y = valuesAt(x, ([a, b]) => a! * b!);
    const at = (seed: number) =>
      fitForest({ dimensions: numeric, x, y }, { trees: 8 }, createRng(seed)).posterior(
        createMatrix(0, 2),
        uniform(5, 2, 7),
      ).mean;
    expect(at(1)).toEqual(at(1));
    expect(at(1)).not.toEqual(at(2));
  });

  it("predicts what it left out about as well as other points, and about as well as it says", () => {
    const rng = createRng(5);
    const x = uniform(500, 2);
    const y = valuesAt(x, ([a, b]) => 3 * a! - b! ** 2 + 0.1 * rng.normal());
    const { mean, variance } = fitForest({ dimensions: numeric, x, y }, {}, createRng(1)).outOfBag();
    expect(relativeError(mean, y)).toBeLessThan(0.25);
    const inside =
      y.filter((value, i) => Math.abs(value - mean[i]!) < 1.96 * Math.sqrt(variance[i]!)).length / y.length;
    expect(inside).toBeGreaterThan(0.85);
  });

  it("bears constant, duplicated, tiny and huge values, and stops where it is told to", () => {
    const x = createMatrix(6, 2, new Float64Array(12).fill(0.5));
    for (const value of [
      (i: number) => 3 + 0 * i,
      (i: number) => i,
      (i: number) => 1e-9 * i,
      (i: number) => 1e150 * i,
    ]) {
      const y = Float64Array.from({ length: 6 }, (_, i) => value(i) / 6);
      const { mean, variance } = fitForest({ dimensions: numeric, x, y }, {}, createRng(1)).posterior(
        createMatrix(0, 2),
        x,
      );
      expect([...mean, ...variance].every(Number.isFinite)).toBe(true);
    }
    const checkpoint = () => {
      throw new Error("enough");
    };
    expect(() => fitForest({ dimensions: numeric, x, y: new Float64Array(6) }, { checkpoint }, createRng(1))).toThrow(
      "enough",
    );
  });
});
