export { fitGp } from "./fit.ts";
// Symbols below are for those who look inside: benchmarks and diagnostics.
export { type HyperparameterLayout, hyperparameterLayout, logPrior } from "./hyperparameters.ts";
export { type InputLayout, type Inputs, inputLayout, toInputs } from "./inputs.ts";
export { createLikelihood, type Likelihood } from "./likelihood.ts";
export type {
  Approximation,
  FidelityKernel,
  FitControl,
  FitOptions,
  GpData,
  GpModel,
  HyperparameterSample,
  HyperparameterState,
  KernelName,
  LeaveOneOut,
  PriorName,
} from "./model.ts";
