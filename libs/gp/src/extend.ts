import { appendRows, createMatrix, solveLower, solveUpper } from "@superbatch/linalg";
import { covariance } from "./covariance.ts";
import type { Gram } from "./gram.ts";
import { noiseVariance } from "./hyperparameters.ts";
import type { Inputs } from "./inputs.ts";
import type { Conditioned } from "./posterior.ts";

/**
 * The factor of all observations from that of the old ones: O(n² m) for m new points instead of O(n³).
 *
 * @param y - n + m standardized values, the new ones last
 */
export function extendGram({ layout, theta, x, gram }: Conditioned, added: Inputs, y: Float64Array): Gram {
  const cross = covariance(layout, theta, x, added);
  const corner = covariance(layout, theta, added, added);
  const noise = noiseVariance(layout, theta, added.count, added.fidelities);
  for (let i = 0; i < added.count; i++) corner.data[i * added.count + i]! += noise[i]! + gram.jitter;
  const { factor, jitter } = appendRows(gram.factor, cross, corner);
  const residual = createMatrix(
    y.length,
    1,
    y.map((value) => value - theta[layout.mean]!),
  );
  const alpha = solveUpper(factor, solveLower(factor, residual)).data;
  return { factor, jitter: gram.jitter + jitter, alpha };
}
