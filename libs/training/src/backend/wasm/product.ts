// Products of two matrices as 1 × 1 convolutions of an image with one row, whose pixels are the rows of a.
import * as tf from "@tensorflow/tfjs-core";
import { convolution, inputGradient } from "./convolution.ts";
import { filterGradient } from "./filter-gradient.ts";
import type { Implementation } from "./register.ts";

/** The convolution of `rows` pixels with `inner` channels to `columns` channels. */
function convInfo(rows: number, inner: number, columns: number) {
  return tf.backend_util.computeConv2DInfo([1, 1, rows, inner], [1, 1, inner, columns], 1, 1, "valid");
}

/** a · b, aᵀ · b or a · bᵀ; products of stacks of matrices are left to tfjs, and aᵀ · bᵀ too. */
export const product: Implementation = (team, backend, { a, b }, { transposeA, transposeB }) => {
  if (a.shape.length !== 2 || b.shape.length !== 2 || a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  const [rows, columns] = [a.shape[transposeA ? 1 : 0], b.shape[transposeB ? 0 : 1]];
  const inner = a.shape[transposeA ? 0 : 1];
  if (rows * inner * columns === 0 || (transposeA && transposeB)) return undefined;
  const shape = [rows, columns];
  if (transposeA) return { ...filterGradient(team, backend, a, b, convInfo(inner, rows, columns)), shape };
  if (transposeB) return { ...inputGradient(team, backend, a, b, convInfo(rows, columns, inner)), shape };
  return { ...convolution(team, backend, a, b, convInfo(rows, inner, columns)), shape };
};
