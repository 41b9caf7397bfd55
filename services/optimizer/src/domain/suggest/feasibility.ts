import { type ProbabilityModel, pointMatrix, type SurrogatePosterior } from "@superbatch/acquisition";
import { createMatrix } from "@superbatch/linalg";
import { normalCdf } from "@superbatch/random";
import type { SuggestState } from "./algorithm.ts";
import { inferenceSize } from "./model-fit.ts";
import { chosenOfEach } from "./model-observations.ts";
import type { StudyData } from "./study-data.ts";
import type { ModelChoice, Surrogate } from "./surrogate.ts";

/**
 * Fits the surrogate to labels, 1 where trials were completed and 0 where they were infeasible: least-squares classification by a Gaussian
 * process (Rasmussen & Williams 2006, section 6.5), so that any surrogate can do it. Hyperparameters are inferred as often as the study's own
 * (`inferenceSize`), from so many of either kind, which therefore come first.
 */
export function fitFeasibility(
  surrogate: Surrogate,
  { candidates, x, rng }: StudyData,
  infeasible: readonly Float64Array[],
  { inference }: Pick<ModelChoice, "inference">,
  signal: AbortSignal,
): Promise<SurrogatePosterior> {
  const { dimensions } = candidates;
  const kinds = chosenOfEach([x.length, infeasible.length]).map((chosen, label) => {
    const rows = chosen.map((index) => ({ point: [x, infeasible][label]![index]!, label: 1 - label }));
    return { rows, first: inferenceSize(rows.length) };
  });
  const rows = [
    ...kinds.flatMap(({ rows, first }) => rows.slice(0, first)),
    ...kinds.flatMap(({ rows, first }) => rows.slice(first)),
  ];
  const matrix = pointMatrix(
    rows.map(({ point }) => point),
    dimensions.length,
  );
  const y = Float64Array.from(rows, ({ label }) => label);
  const cost = new Float64Array(rows.length).fill(1);
  const inferFrom = kinds.reduce((sum, { first }) => sum + first, 0);
  return surrogate.fit(
    { dimensions, x: matrix, y, cost },
    { seed: rng.fork("feasibility").uint32(), inferFrom, ...(inference && { inference }) },
    signal,
  );
}

/** What the acquisition is multiplied by; nothing while no trial was infeasible. */
export async function feasibilityConstraints({
  feasibility,
  signal,
}: Pick<SuggestState, "feasibility" | "signal">): Promise<ProbabilityModel[]> {
  const posterior = await feasibility();
  return posterior ? [feasibilityProbability(posterior, signal)] : [];
}

/** The probability that the label would be above one half, averaged over the samples of the hyperparameters. */
function feasibilityProbability(posterior: SurrogatePosterior, signal: AbortSignal): ProbabilityModel {
  return async (points) => {
    const samples = await posterior("objective", createMatrix(0, points.columns), points, signal);
    const probability = new Float64Array(points.rows);
    for (const { mean, variance, noise } of samples) {
      for (let i = 0; i < points.rows; i++) {
        const deviation = Math.sqrt(Math.max(variance[i]!, 0) + noise[i]!);
        const z = deviation > 0 ? (mean[i]! - 0.5) / deviation : Math.sign(mean[i]! - 0.5) * 40;
        probability[i]! += normalCdf(z) / samples.length;
      }
    }
    return probability;
  };
}
