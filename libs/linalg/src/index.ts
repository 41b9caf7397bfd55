export { appendRows, type CholeskyFactor, cholesky, logDeterminant } from "./cholesky.ts";
export type { JointGaussian } from "./joint-gaussian.ts";
export { createMatrix, type Matrix, matrixFromRows, transpose } from "./matrix.ts";
export { multiply } from "./product.ts";
export { solveLower, solveUpper } from "./triangular.ts";
