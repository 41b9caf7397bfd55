import { loadFastest, type WasmExports } from "./load-wasm.ts";

/**
 * The compiled hot path (sources in assembly/, where each function is documented). All arguments are byte addresses in the linear memory,
 * sizes or flags; matrices are row-major with both sizes padded to multiples of 4 ({@link padded}).
 */
export interface Wasm {
  cholesky(a: number, n: number, stride: number, floor: number, work: number): number;
  solveLower(
    l: number,
    lStride: number,
    n: number,
    b: number,
    bStride: number,
    m: number,
    staircase: number,
    work: number,
  ): void;
  solveUpper(l: number, lStride: number, n: number, b: number, bStride: number, m: number, work: number): void;
  solveLowerVector(l: number, stride: number, n: number, x: number): void;
  solveUpperVector(l: number, stride: number, n: number, x: number): void;
  outerLower(x: number, c: number, stride: number, n: number): void;
  multiply(
    a: number,
    aStride: number,
    transposeA: number,
    b: number,
    bStride: number,
    transposeB: number,
    c: number,
    cStride: number,
    rows: number,
    columns: number,
    inner: number,
    work: number,
  ): void;
  symmetricProduct(
    a: number,
    aStride: number,
    staircase: number,
    c: number,
    cStride: number,
    n: number,
    inner: number,
    work: number,
  ): void;
  kernelMatrix(
    specification: number,
    a: number,
    aTasks: number,
    aStride: number,
    b: number,
    bTasks: number,
    bStride: number,
    rows: number,
    columns: number,
    lower: number,
    out: number,
    outStride: number,
    base: number,
    slope: number,
    scratch: number,
  ): void;
  kernelContraction(
    specification: number,
    a: number,
    aTasks: number,
    stride: number,
    n: number,
    w: number,
    wStride: number,
    bases: number,
    slopes: number,
    sums: number,
    scratch: number,
  ): void;
}

const pageBytes = 65536;

const exports: WasmExports = loadFastest();

export const wasm: Wasm = exports;

/** Block depth of the factorizations: what `work` areas are sized by. */
export const blockDepth = exports.DEPTH.value;

/** The least multiple of 4 that is at least `size`. */
export function padded(size: number): number {
  return (size + 3) & ~3;
}

/** A layout of the linear memory: addresses, and a view of all of it. Valid until the next call of {@link reserve}. */
export interface Reservation {
  /** Byte address of each area, a multiple of 64. */
  readonly addresses: number[];
  /** The whole memory; the number at byte address a is `numbers[a / 8]`. */
  readonly numbers: Float64Array;
}

let view = new Float64Array(exports.memory.buffer);

/**
 * Lays out areas of the given numbers of float64 from the start of the memory, growing it if needed. Contents are undefined: whatever was there
 * from before. There is one memory per thread and no nesting: who reserves may use it until it returns to its caller.
 *
 * @throws {RangeError} if the memory cannot grow so far (4 GiB).
 */
export function reserve(sizes: readonly number[]): Reservation {
  const addresses: number[] = [];
  let end = exports.heapStart();
  for (const size of sizes) {
    addresses.push(end);
    end += Math.ceil(size / 8) * 64;
  }
  const missing = end - exports.memory.buffer.byteLength;
  if (missing > 0) exports.memory.grow(Math.ceil(missing / pageBytes));
  if (view.buffer !== exports.memory.buffer) view = new Float64Array(exports.memory.buffer);
  return { addresses, numbers: view };
}

/** Copies a row-major matrix to padded storage; padding is zero. */
export function copyIn(
  numbers: Float64Array,
  address: number,
  data: Float64Array,
  rows: number,
  columns: number,
): void {
  const width = padded(columns);
  const start = address / 8;
  if (width === columns) numbers.set(data.length === rows * columns ? data : data.subarray(0, rows * columns), start);
  else {
    for (let i = 0; i < rows; i++) {
      const row = start + i * width;
      for (let j = 0; j < columns; j++) numbers[row + j] = data[i * columns + j]!;
      for (let j = columns; j < width; j++) numbers[row + j] = 0;
    }
  }
  numbers.fill(0, start + rows * width, start + padded(rows) * width);
}

/** The rows × columns matrix of padded storage, copied. */
export function copyOut(numbers: Float64Array, address: number, rows: number, columns: number): Float64Array {
  const width = padded(columns);
  const start = address / 8;
  if (width === columns) return numbers.slice(start, start + rows * columns);
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    const row = start + i * width;
    for (let j = 0; j < columns; j++) data[i * columns + j] = numbers[row + j]!;
  }
  return data;
}
