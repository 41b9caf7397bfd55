// The float64 hot path. Everything works on addresses in the one linear memory, which the host lays out; matrices are row-major with
// sizes padded to multiples of 4, so that no tile has an edge.

export { cholesky } from "./cholesky";
export { kernelContraction } from "./contraction";
export { kernelMatrix } from "./kernel";
export { multiply, symmetricProduct } from "./product";
export { solveLower, solveUpper } from "./triangular";
export { DEPTH } from "./update";
export { outerLower, solveLowerVector, solveUpperVector } from "./vector";

/** First address that the host may use. */
export function heapStart(): usize {
  return (__heap_base + 63) & ~63;
}
