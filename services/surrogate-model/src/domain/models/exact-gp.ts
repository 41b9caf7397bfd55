import { fitGp, type GpModel } from "@superbatch/gp";
import { evaluate } from "../evaluate.ts";
import { summarize } from "../model-summary.ts";
import type { FitModel, FittedModel } from "./fitted-model.ts";

/** Exact Gaussian processes. */
export const fitExactGp: FitModel = ({ data, options }, rng, checkpoint) => {
  const shouldStop = () => {
    checkpoint();
    return false;
  };
  return fitted(fitGp(data, options, rng, { shouldStop }), data.y);
};

function fitted(model: GpModel, y: Float64Array): FittedModel {
  return {
    summary: summarize(model, y),
    posterior: (anchors, points, checkpoint) => evaluate(model, anchors, points, checkpoint),
    append: (x, newY, allY) => fitted(model.append(x, newY), allY),
  };
}
