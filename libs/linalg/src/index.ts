export { appendRows, type CholeskyFactor, cholesky, jitters, logDeterminant } from "./cholesky.ts";
export type { JointGaussian } from "./joint-gaussian.ts";
export { createMatrix, type Matrix, matrixFromRows, transpose } from "./matrix.ts";
export { multiply, multiplyTransposed, symmetricProduct, transposedMultiply } from "./product.ts";
export { rankOneUpdate } from "./rank-one.ts";
// Symbols below are for libs that keep their data in the linear memory between calls of the compiled hot path.
export { copyFactor, inverseFromFactor, invertLower, solveLower, solveUpper } from "./triangular.ts";
export { blockDepth, copyIn, copyOut, padded, type Reservation, reserve, type Wasm, wasm } from "./wasm.ts";
