import { createRng } from "@superbatch/random";
import fc from "fast-check";
import { expect, it } from "vitest";
import { defaultValidationSize, nestedSubset, permutation, stratifiedSplit, takeExamples } from "./subset.ts";

const range = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);

it("permutes: every index once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.integer(), (n, seed) => {
      expect(permutation(n, createRng(seed)).toSorted()).toEqual(range(n));
    }),
  );
});

it("shares of the data are nested", () => {
  const share = fc.double({ min: 0.001, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), share, share, fc.integer(), (n, a, b, seed) => {
      const [small, large] = [Math.min(a, b), Math.max(a, b)].map((s) => nestedSubset(range(n), s, createRng(seed)));
      const members = new Set(large);
      expect([...small].every((index) => members.has(index))).toBe(true);
      expect(small.length).toBe(Math.max(1, Math.round(Math.min(a, b) * n)));
    }),
  );
});

it.each([0, -0.5, 1.5, Number.NaN])("refuses %d as a share", (share) => {
  expect(() => nestedSubset(range(10), share, createRng(0))).toThrow(RangeError);
});

it("a stratified split takes its share of each class and loses nothing", () => {
  const labels = Uint8Array.from({ length: 100 }, (_, i) => (i < 80 ? 0 : i < 99 ? 1 : 2));
  const split = { size: 100, inputs: new Uint8Array(100), labels };
  const [taken, rest] = stratifiedSplit(split, 0.25, 3, createRng("s"));
  const counts = [0, 1, 2].map((label) => taken.filter((i) => labels[i] === label).length);
  // A class of a single example stays whole: an example that only validates could not be learned.
  expect(counts).toEqual([20, 5, 0]);
  expect(taken.length).toBe(25);
  expect(Uint32Array.from([...taken, ...rest]).sort()).toEqual(range(100));
});

it("a stratified split has exactly its share in all, each class within one of its own", () => {
  const sizes = fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(sizes, fc.double({ min: 0.05, max: 0.5, noNaN: true }), (classSizes, share) => {
      const labels = Uint8Array.from(classSizes.flatMap((size, label) => Array<number>(size).fill(label)));
      const split = { size: labels.length, inputs: new Uint8Array(labels.length), labels };
      const [taken] = stratifiedSplit(split, share, classSizes.length, createRng(0));
      expect(taken.length).toBe(Math.round(share * labels.length));
      for (const [label, size] of classSizes.entries()) {
        expect(Math.abs(taken.filter((i) => labels[i] === label).length - share * size)).toBeLessThan(1);
      }
    }),
  );
});

it("copies examples with their labels", () => {
  const split = { size: 3, inputs: Uint8Array.from([1, 2, 3, 4, 5, 6]), labels: Uint8Array.from([7, 8, 9]) };
  const taken = takeExamples(split, Uint32Array.from([2, 0]), 2);
  expect([[...taken.inputs], [...taken.labels]]).toEqual([
    [5, 6, 1, 2],
    [9, 7],
  ]);
});

it("sets aside a tenth, but 500 where that is at most a quarter", () => {
  expect([50_000, 4000, 1438, 100].map(defaultValidationSize)).toEqual([5000, 500, 360, 25]);
});
