import { fitExactGp } from "./exact-gp.ts";
import type { FitModel } from "./fitted-model.ts";
import type { ModelName } from "./kinds.ts";
import { fitNeuralLinearModel } from "./neural-linear.ts";
import { fitRandomForest } from "./random-forest.ts";

/** How each kind of model is fitted. Imported by the threads alone: the main thread needs no numerics. */
export const fitModel: Readonly<Record<ModelName, FitModel>> = {
  "exact-gp": fitExactGp,
  "random-forest": fitRandomForest,
  "neural-linear": fitNeuralLinearModel,
};
