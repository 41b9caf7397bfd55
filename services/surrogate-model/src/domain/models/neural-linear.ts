import { fitNeuralLinear } from "@superbatch/neural-linear";
import type { FitModel } from "./fitted-model.ts";

/** Bayesian linear regression on neural features; a network for each sample that is wanted. */
export const fitNeuralLinearModel: FitModel = ({ data, options }, rng, checkpoint) => {
  const model = fitNeuralLinear(data, { members: options.samples ?? 5, checkpoint }, rng);
  return {
    summary: {
      samples: model.members,
      jitter: 0,
      hyperparameters: { members: model.members },
      approximation: "",
      bytes: model.bytes,
    },
    posterior: (anchors, points, check) => model.posterior(anchors, points, check),
  };
};
