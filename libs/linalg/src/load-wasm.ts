import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import type { Wasm } from "./wasm.ts";

/** Bits of the registers that a build of the hot path is written for (assembly/tile.ts). All builds compute the same bits. */
export type VectorBits = 128 | 256;

export interface WasmExports extends Wasm {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** Block depth of the factorizations. */
  readonly DEPTH: { readonly value: number };
  /** First address that the host may use. */
  heapStart(): number;
}

/** What is used of the engine's WebAssembly API (the types of the platform are not among Node's). */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: WasmExports };
}

const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

// V8 can pair 128-bit WebAssembly operations into 256-bit machine ones where the processor has AVX2. The pass is behind a flag;
// it is on only while our module is compiled, all at once and with the optimizing compiler (which also spares a warm-up).
const wideCompilation = "experimental-wasm-revectorize";
const eagerCompilation = ["liftoff", "wasm-lazy-compilation", "wasm-dynamic-tiering"];

/** A build of its own memory. Threads of a process share the compiled code. */
export function loadWasm(bits: VectorBits): WasmExports {
  const bytes = readFileSync(new URL(`../build/linalg-${bits}.wasm`, import.meta.url));
  if (bits === 256) setFlagsFromString(`--${wideCompilation}`);
  for (const flag of eagerCompilation) setFlagsFromString(`--no-${flag}`);
  try {
    return new Instance(new Module(bytes)).exports;
  } finally {
    if (bits === 256) setFlagsFromString(`--no-${wideCompilation}`);
    for (const flag of eagerCompilation) setFlagsFromString(`--${flag}`);
  }
}

/** The build that runs faster here. */
export function loadFastest(): WasmExports {
  const narrow = loadWasm(128);
  // Only V8 on x64 has the optimization that the wide build is written for.
  if (process.arch !== "x64") return narrow;
  const wide = loadWasm(256);
  return milliseconds(wide) < milliseconds(narrow) ? wide : narrow;
}

// biome-ignore lint/plugin: chooses between two builds that give the same results.
const clock = () => performance.now();

/** Fastest of a few products of 64 × 64 matrices: under a millisecond in all. */
function milliseconds({ multiply, heapStart, memory, DEPTH }: WasmExports): number {
  const n = 64;
  const a = heapStart();
  const bytes = n * n * 8;
  const end = a + 3 * bytes + 2 * n * DEPTH.value * 8;
  if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
  let fastest = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < 12; pass++) {
    const start = clock();
    multiply(a, n * 8, 0, a + bytes, n * 8, 0, a + 2 * bytes, n * 8, n, n, n, a + 3 * bytes);
    fastest = Math.min(fastest, clock() - start);
  }
  return fastest;
}
