import type { Approximation, FitControl, GpModel } from "@superbatch/gp";
import { interval95 } from "./prediction.ts";
import type { LeaveOneOutSummary, ModelSummary } from "./task.ts";

export function summarize(model: GpModel): ModelSummary {
  const { samples, approximation } = model;
  const hyperparameters: Record<string, number> = {};
  for (const { values } of samples) {
    for (const [name, value] of Object.entries(values)) {
      hyperparameters[name] = (hyperparameters[name] ?? 0) + value / samples.length;
    }
  }
  const diagonal = (hyperparameters.amplitude ?? 1) + (hyperparameters.noise ?? 0);
  const n = approximation.kind === "exact" ? model.observations : approximation.used;
  return {
    samples: samples.length,
    jitter: model.jitter === 0 ? 0 : model.jitter / diagonal,
    hyperparameters,
    approximation: describeApproximation(approximation),
    // One factor and one weight vector per sample, and the points.
    bytes: 8 * n * (samples.length * (n + 1) + model.dimensions.length + 1),
  };
}

function describeApproximation(approximation: Approximation): string {
  if (approximation.kind === "exact") return "";
  return `subset: ${approximation.used} of ${approximation.observations} observations`;
}

/** @param y - all observations that the model was given, in its unit and order. */
export function summarizeLeaveOneOut(
  model: GpModel,
  y: Float64Array,
  control: FitControl,
): LeaveOneOutSummary | undefined {
  // A subset's predictions are of the subset's observations, which the model does not name.
  if (y.length < 3 || model.approximation.kind !== "exact") return undefined;
  const { mean, variance, logDensity } = model.leaveOneOut(control);
  const inside = y.reduce((count, value, i) => {
    return count + (Math.abs(value - mean[i]!) <= interval95 * Math.sqrt(variance[i]!) ? 1 : 0);
  }, 0);
  const total = logDensity.reduce((sum, value) => sum + value, 0);
  return { logDensity: total / y.length, coverage: inside / y.length };
}
