import { expect, it } from "vitest";
import { engine, type LinearMemory } from "./engine.ts";
import { compileKernels, instantiateKernels } from "./module.ts";

const { Memory } = engine as unknown as { readonly Memory: new (size: { initial: number }) => LinearMemory };

it.each([128, 256] as const)("the kernels of %i bits leave the memory that they share as it is", (bits) => {
  const memory = new Memory({ initial: 2 });
  const bytes = new Uint8Array(memory.buffer).fill(0xa5);
  const kernels = instantiateKernels(compileKernels(bits), memory);
  expect(kernels.panelColumns()).toBe(bits / 16);
  expect(bytes.every((byte) => byte === 0xa5)).toBe(true);
});

it("both widths give the same bits", () => {
  const results = ([128, 256] as const).map((bits) => {
    const memory = new Memory({ initial: 16 });
    const kernels = instantiateKernels(compileKernels(bits), memory);
    const floats = new Float32Array(memory.buffer);
    const [x, dy, out, statistics] = [0, 40_000, 80_000, 120_000];
    for (let i = 0; i < 80_000; i++) floats[i] = Math.sin(i * i);
    kernels.filterGradient(x * 4, dy * 4, 2, 16, 16, 64, 18 * 64, 18 * 18 * 64, 3, 48, 18 * 64, 128, out * 4);
    kernels.momentSums(x * 4, x * 4, statistics * 4, (statistics + 32) * 4, 1000, 32);
    return [...floats.subarray(out, out + 3 * 48 * 32), ...floats.subarray(statistics, statistics + 64)];
  });
  expect(results[1]).toEqual(results[0]);
});
