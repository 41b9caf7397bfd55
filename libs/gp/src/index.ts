export { fitGp } from "./fit.ts";
export type {
  Approximation,
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
