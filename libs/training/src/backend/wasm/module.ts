// Loads the compiled kernels (libs/training/assembly) over the linear memory of TensorFlow.js' own WebAssembly module, so that
// both work on the same tensors without copies.
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { engine, type LinearMemory, type Module } from "./engine.ts";

/** The kernels' exports. Pointers are byte addresses in the shared memory; see libs/training/assembly for each. */
export interface Kernels {
  panelColumns(): number;
  packFilter(filter: number, panels: number, rows: number, o: number): void;
  packFlipped(
    filter: number,
    panels: number,
    kw: number,
    c: number,
    o: number,
    y0: number,
    x0: number,
    ny: number,
    nx: number,
    stride: number,
  ): void;
  padImages(
    x: number,
    frames: number,
    n: number,
    h: number,
    row: number,
    ph: number,
    pitch: number,
    top: number,
    left: number,
  ): void;
  pixelTable(
    table: number,
    n: number,
    h: number,
    w: number,
    first: number,
    imageStep: number,
    rowStep: number,
    step: number,
  ): void;
  clear(address: number, bytes: number): void;
  convolve(
    inBase: number,
    inputs: number,
    pixels: number,
    height: number,
    run: number,
    rowStride: number,
    panels: number,
    columns: number,
    outBase: number,
    outputs: number,
    edge: number,
  ): void;
  filterGradient(
    input: number,
    dy: number,
    n: number,
    h: number,
    w: number,
    step: number,
    rowStep: number,
    imageStep: number,
    height: number,
    run: number,
    rowStride: number,
    dyStep: number,
    out: number,
  ): void;
  unpadFilter(
    padded: number,
    out: number,
    height: number,
    run: number,
    paddedRun: number,
    o: number,
    pitch: number,
  ): void;
  maxPool(
    x: number,
    y: number,
    n: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    size: number,
    stride: number,
    top: number,
    left: number,
  ): void;
  maxPoolGradient(
    x: number,
    y: number,
    dy: number,
    dx: number,
    n: number,
    h: number,
    w: number,
    c: number,
    oh: number,
    ow: number,
    size: number,
    stride: number,
    top: number,
    left: number,
  ): void;
  globalAverage(x: number, y: number, n: number, pixels: number, c: number): void;
  globalAverageGradient(dy: number, dx: number, n: number, pixels: number, c: number): void;
  reluGradient(dy: number, y: number, dx: number, count: number): void;
  rectify(x: number, y: number, count: number): void;
  add(a: number, b: number, out: number, count: number): void;
  sliceColumns(x: number, y: number, rows: number, pitch: number, bytes: number): void;
  columnSums(x: number, out: number, rows: number, c: number): void;
  momentSums(x: number, pivot: number, sums: number, squares: number, rows: number, c: number): void;
  momentsFromSums(pivot: number, mean: number, variance: number, rows: number, c: number): void;
  affine(
    gamma: number,
    beta: number,
    mean: number,
    variance: number,
    epsilon: number,
    scale: number,
    shift: number,
    c: number,
  ): void;
  normalize(x: number, scale: number, shift: number, rectify: boolean, y: number, rows: number, c: number): void;
  gate(scale: number, shift: number, rectify: boolean, a: number, b: number, c: number): void;
  gradientSums(
    dy: number,
    x: number,
    mean: number,
    a: number,
    b: number,
    products: number,
    sums: number,
    rows: number,
    c: number,
  ): void;
  gradientCoefficients(
    products: number,
    sums: number,
    mean: number,
    variance: number,
    epsilon: number,
    training: boolean,
    scale: number,
    slope: number,
    offset: number,
    rows: number,
    c: number,
  ): void;
  applyGradient(
    dy: number,
    x: number,
    scale: number,
    slope: number,
    offset: number,
    a: number,
    b: number,
    dx: number,
    rows: number,
    c: number,
  ): void;
  accumulate(from: number, to: number, count: number): void;
  momentumUpdate(
    value: number,
    velocity: number,
    gradient: number,
    nextValue: number,
    nextVelocity: number,
    count: number,
    rate: number,
    momentum: number,
    decay: number,
    nesterov: boolean,
  ): void;
}

/** Bits of the registers that the kernels are compiled for. */
export type VectorBits = 128 | 256;

/** Rows of a register tile; assembly/tile.ts. */
export const tileRows = 6;

// V8 can pair 128-bit WebAssembly operations into 256-bit machine ones where the processor has AVX2. The pass is behind a flag;
// it is on only while our module is compiled, all at once and with the optimizing compiler (which also spares a warm-up).
const wideCompilation = "experimental-wasm-revectorize";
const eagerCompilation = ["liftoff", "wasm-lazy-compilation", "wasm-dynamic-tiering"];

function compile(bytes: Uint8Array<ArrayBuffer>, bits: VectorBits): Module {
  if (bits === 256) setFlagsFromString(`--${wideCompilation}`);
  for (const flag of eagerCompilation) setFlagsFromString(`--no-${flag}`);
  try {
    return new engine.Module(bytes);
  } finally {
    if (bits === 256) setFlagsFromString(`--no-${wideCompilation}`);
    for (const flag of eagerCompilation) setFlagsFromString(`--${flag}`);
  }
}

/** Where the build for a register width lies; one that shares its memory between threads is another build. */
export function kernelFile(bits: VectorBits, shared = false): URL {
  return new URL(`../../../build/kernels-${bits}${shared ? "-shared" : ""}.wasm`, import.meta.url);
}

/**
 * Reads and compiles a build.
 *
 * @throws {Error} where it is missing: `npm run setup` makes it.
 */
export function compileKernels(bits: VectorBits, shared = false): Module {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(kernelFile(bits, shared));
  } catch (cause) {
    throw new Error("the training kernels are not built; run `npm run setup`", { cause });
  }
  return compile(bytes, bits);
}

/** The kernels over `memory`. */
export function instantiateKernels(module: Module, memory: LinearMemory): Kernels {
  const { memory: _, ...functions } = new engine.Instance(module, { env: { memory } }).exports;
  return functions as unknown as Kernels;
}
