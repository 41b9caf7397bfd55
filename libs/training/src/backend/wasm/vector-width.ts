// Which of the two builds of the kernels runs faster here. Both compute the same bits, so the choice never changes a result.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { memoryOf, withScratch } from "./memory.ts";
import { compileKernels, instantiateKernels, type Kernels, tileRows, type VectorBits } from "./module.ts";

/** A small convolution: pixels × run window floats, and 16 output channels. */
const pixels = 16 * tileRows;
const run = 192;
const columns = 16;

/** Milliseconds of the fastest of several passes, and the last pass' results. */
function trial(backend: BackendWasm, kernels: Kernels): { milliseconds: number; results: Float32Array } {
  const tables = 2 * pixels * 4;
  const inputs = pixels * run * 4;
  const filter = run * columns * 4;
  const outputs = pixels * columns * 4;
  return withScratch(backend, tables + inputs + 2 * filter + outputs, (scratch) => {
    const [inTable, outTable, input] = [scratch, scratch + tables / 2, scratch + tables];
    const [taps, panels, output] = [input + inputs, input + inputs + filter, input + inputs + 2 * filter];
    const values = new Float32Array(memoryOf(backend).buffer, input, (inputs + filter) / 4);
    for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
    kernels.packFilter(taps, panels, run, columns);
    kernels.pixelTable(inTable, 1, 1, pixels, 0, 0, 0, run * 4);
    kernels.pixelTable(outTable, 1, 1, pixels, 0, 0, 0, columns * 4);
    let milliseconds = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 8; pass++) {
      const start = performance.now();
      for (let i = 0; i < 8; i++) {
        kernels.convolve(input, inTable, pixels, 1, run, 0, panels, columns, output, outTable, 0);
      }
      milliseconds = Math.min(milliseconds, performance.now() - start);
    }
    return { milliseconds, results: new Float32Array(memoryOf(backend).buffer, output, outputs / 4).slice() };
  });
}

/** The faster width, among those that agree with the 128-bit build bit for bit. */
export function fasterKernels(backend: BackendWasm, shared: boolean): VectorBits {
  // Only V8 on x64 has the optimization that the wide build is written for.
  if (process.arch !== "x64") return 128;
  const [narrow, wide] = ([128, 256] as const).map((bits) =>
    trial(backend, instantiateKernels(compileKernels(bits, shared), memoryOf(backend))),
  );
  const agree = wide.results.every((value, i) => value === narrow.results[i]);
  return agree && wide.milliseconds < narrow.milliseconds ? 256 : 128;
}
