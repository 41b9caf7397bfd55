import { createMatrix, solveLower } from "@superbatch/linalg";
import { throwIfStopped } from "./control.ts";
import type { FitControl, LeaveOneOut } from "./model.ts";
import type { Conditioned } from "./posterior.ts";

/**
 * Predictions of each observation from all others, from the factor alone: with Q = (K + diag σ²)⁻¹ the mean is y_i − α_i / Q_ii and the
 * variance 1 / Q_ii (Rasmussen & Williams 2006, eq. 5.12), mixed over the samples. O(n³) for each of them, between which `control` is asked.
 *
 * @param y - n values in y's unit
 */
export function leaveOneOut(samples: readonly Conditioned[], y: Float64Array, control: FitControl): LeaveOneOut {
  const n = y.length;
  const mean = new Float64Array(n);
  const secondMoment = new Float64Array(n);
  const logDensity = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  for (const { gram, units } of samples) {
    throwIfStopped(control);
    const precision = inverseDiagonal(gram.factor.data, n);
    for (let i = 0; i < n; i++) {
      const variance = units.scale ** 2 / precision[i]!;
      const deviation = (units.scale * gram.alpha[i]!) / precision[i]!;
      mean[i]! += (y[i]! - deviation) / samples.length;
      secondMoment[i]! += (deviation * deviation + variance) / samples.length;
      const log = -0.5 * (Math.log(2 * Math.PI * variance) + (deviation * deviation) / variance);
      logDensity[i] = logAdd(logDensity[i]!, log - Math.log(samples.length));
    }
  }
  // The second moment is about y, which keeps it free of cancellation where y is large.
  const variance = secondMoment.map((value, i) => Math.max(value - (y[i]! - mean[i]!) ** 2, 0));
  return { mean, variance, logDensity };
}

/** Diagonal of (L Lᵀ)⁻¹: column sums of squares of L⁻¹. */
function inverseDiagonal(factor: Float64Array, n: number): Float64Array {
  const identity = createMatrix(n, n);
  for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
  const inverse = solveLower(createMatrix(n, n, factor), identity).data;
  const diagonal = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) diagonal[j]! += inverse[i * n + j]! ** 2;
  }
  return diagonal;
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log(Math.exp(a - high) + Math.exp(b - high));
}
