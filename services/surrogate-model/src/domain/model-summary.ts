import type { Approximation, GpModel } from "@superbatch/gp";
import { interval95 } from "./prediction.ts";
import type { ModelSummary } from "./task.ts";

/** @param y - all observations that the model was given, in its unit and order. */
export function summarize(model: GpModel, y: Float64Array): ModelSummary {
  const { samples, approximation } = model;
  const hyperparameters: Record<string, number> = {};
  for (const { values } of samples) {
    for (const [name, value] of Object.entries(values)) {
      hyperparameters[name] = (hyperparameters[name] ?? 0) + value / samples.length;
    }
  }
  const diagonal = (hyperparameters.amplitude ?? 1) + (hyperparameters.noise ?? 0);
  const leaveOneOut = summarizeLeaveOneOut(model, y);
  const n = approximation.kind === "exact" ? model.observations : approximation.used;
  return {
    samples: samples.length,
    jitter: model.jitter === 0 ? 0 : model.jitter / diagonal,
    ...(leaveOneOut && { leaveOneOut }),
    hyperparameters,
    warmStart: model.warmStart,
    approximation: describeApproximation(approximation),
    // One factor and one weight vector per sample, and the points.
    bytes: 8 * n * (samples.length * (n + 1) + model.dimensions.length + 1),
  };
}

function describeApproximation(approximation: Approximation): string {
  if (approximation.kind === "exact") return "";
  return `subset: ${approximation.used} of ${approximation.observations} observations`;
}

function summarizeLeaveOneOut(model: GpModel, y: Float64Array): ModelSummary["leaveOneOut"] {
  // A subset's predictions are of the subset's observations, which the model does not name.
  if (y.length < 3 || model.approximation.kind !== "exact") return undefined;
  const { mean, variance, logDensity } = model.leaveOneOut();
  const inside = y.reduce((count, value, i) => {
    return count + (Math.abs(value - mean[i]!) <= interval95 * Math.sqrt(variance[i]!) ? 1 : 0);
  }, 0);
  const total = logDensity.reduce((sum, value) => sum + value, 0);
  return { logDensity: total / y.length, coverage: inside / y.length };
}
