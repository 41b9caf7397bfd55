import { type FitControl, fitGp, type GpModel } from "@superbatch/gp";
import { evaluate } from "../evaluate.ts";
import { summarize, summarizeLeaveOneOut } from "../model-summary.ts";
import type { FitModel, FittedModel } from "./fitted-model.ts";

/** Exact Gaussian processes. */
export const fitExactGp: FitModel = ({ data, options }, rng, checkpoint) =>
  fitted(fitGp(data, options, rng, controlBy(checkpoint)), data.y);

function fitted(model: GpModel, y: Float64Array): FittedModel {
  return {
    summary: summarize(model),
    posterior: (anchors, points, checkpoint) => evaluate(model, anchors, points, checkpoint),
    leaveOneOut: (checkpoint) => summarizeLeaveOneOut(model, y, controlBy(checkpoint)),
    append: (newX, newY, checkpoint) => fitted(model.append(newX, newY, controlBy(checkpoint)), concatenate(y, newY)),
  };
}

function concatenate(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function controlBy(checkpoint: () => void): FitControl {
  return {
    shouldStop() {
      checkpoint();
      return false;
    },
  };
}
