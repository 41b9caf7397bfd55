import { createRng } from "@superbatch/random";
import { expect, it } from "vitest";
import { loadFastest, loadWasm } from "./load-wasm.ts";

/** The bytes that a run of everything but the kernels leaves behind. `n` leaves a single panel beside the pairs. */
function trace(bits: 128 | 256): Float64Array {
  const n = 140;
  const wasm = loadWasm(bits);
  const [a, b, c] = [0, 1, 2].map((area) => wasm.heapStart() + area * n * n * 8) as [number, number, number];
  const work = c + n * n * 8;
  wasm.memory.grow(Math.ceil((work + 2 * n * wasm.DEPTH.value * 8) / 65536));
  const numbers = new Float64Array(wasm.memory.buffer);
  const rng = createRng(1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      numbers[a / 8 + i * n + j] = i === j ? n : rng.normal();
      numbers[b / 8 + i * n + j] = j > i ? 0 : rng.normal();
    }
  }
  expect(wasm.cholesky(a, n, n * 8, 0, work)).toBe(0);
  wasm.solveLower(a, n * 8, n, b, n * 8, n, 1, work);
  wasm.solveUpper(a, n * 8, n, b, n * 8, n, work);
  wasm.multiply(a, n * 8, 1, b, n * 8, 0, c, n * 8, n, n, n, work);
  wasm.symmetricProduct(b, n * 8, 0, c, n * 8, n, n, work);
  return numbers.slice(a / 8, work / 8);
}

it("both builds give the same bits", () => {
  const narrow = trace(128);
  expect(narrow.every(Number.isFinite)).toBe(true);
  expect(trace(256)).toEqual(narrow);
});

it("picks one of the builds, with a memory of its own", () => {
  const [first, second] = [loadFastest(), loadFastest()];
  expect(first.memory).not.toBe(second.memory);
  expect(first.DEPTH.value).toBe(64);
});
