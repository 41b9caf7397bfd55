import { readFileSync } from "node:fs";
import type { Matrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sobolIndices } from "./sobol-indices.ts";

interface Indices {
  readonly first: number[];
  readonly firstError: number[];
  readonly total: number[];
  readonly totalError: number[];
}

const golden = JSON.parse(readFileSync(new URL("../golden/importance.json", import.meta.url), "utf8")) as {
  ishigami: Indices;
  gFunction: Indices;
};

const byRow = (f: (u: Float64Array) => number) => (points: Matrix) =>
  Float64Array.from({ length: points.rows }, (_, i) =>
    f(points.data.subarray(i * points.columns, (i + 1) * points.columns)),
  );

const ishigami = byRow((u) => {
  const [x, y, z] = Array.from(u, (value) => -Math.PI + 2 * Math.PI * value) as [number, number, number];
  return Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);
});

const weights = [0, 1, 4.5, 9, 99];
const gFunction = byRow((u) =>
  u.reduce((product, value, i) => (product * (Math.abs(4 * value - 2) + weights[i]!)) / (1 + weights[i]!), 1),
);

describe("Sobol indices", () => {
  it.each([
    ["ishigami", ishigami, 3],
    ["gFunction", gFunction, 5],
  ] as const)("of %s are SALib's, within the errors of both", (name, f, dimensions) => {
    const indices = sobolIndices({ dimensions, samples: 4096, rng: createRng(1) }, f);
    indices.forEach((index, i) => {
      const expected = golden[name];
      expect(Math.abs(index.first - expected.first[i]!)).toBeLessThan(2 * index.firstError + expected.firstError[i]!);
      expect(Math.abs(index.total - expected.total[i]!)).toBeLessThan(2 * index.totalError + expected.totalError[i]!);
      // The errors are small enough to tell the inputs apart.
      expect(index.totalError).toBeLessThan(0.03);
    });
  });

  it("are 0 for a constant function, and for an input that does nothing", () => {
    const constant = sobolIndices(
      { dimensions: 2, samples: 64, rng: createRng(1) },
      byRow(() => 0.1),
    );
    expect(constant.map(({ total }) => total)).toEqual([0, 0]);
    const [idle] = sobolIndices(
      { dimensions: 2, samples: 64, rng: createRng(1) },
      byRow((u) => u[1]!),
    );
    expect(idle!.total).toBe(0);
  });

  it("do not change with the function's scale and offset", () => {
    const indices = (f: (u: Float64Array) => number) =>
      sobolIndices({ dimensions: 2, samples: 256, rng: createRng(3) }, byRow(f));
    const plain = indices((u) => u[0]! + u[0]! * u[1]!);
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: -100, max: 100, noNaN: true }),
        (scale, offset) => {
          indices((u) => offset + scale * (u[0]! + u[0]! * u[1]!)).forEach((index, i) => {
            expect(index.first).toBeCloseTo(plain[i]!.first, 6);
            expect(index.total).toBeCloseTo(plain[i]!.total, 6);
          });
        },
      ),
      { numRuns: 20 },
    );
  });
});
