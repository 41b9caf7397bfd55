export { type Architecture, type ForwardMode, type NetworkShape, scaledChannels } from "./architecture/architecture.ts";
export * as layers from "./architecture/layer.ts";
export type { ParameterBuilder, Parameters } from "./architecture/parameters.ts";
export { architectureByName, architectureNames } from "./architecture/registry.ts";
export {
  type Availability,
  type Backend,
  type BackendDescription,
  type BackendName,
  type BackendOptions,
  backendNames,
  chooseBackend,
  describeBackends,
  openBackend,
} from "./backend/index.ts";
export * as ops from "./backend/ops.ts";
export {
  type Budget,
  type ParameterDescription,
  ParameterError,
  type ParameterProblem,
  type ParameterValues,
  parseConfiguration,
  type ScoreKind,
  type TrainingConfiguration,
} from "./configuration.ts";
export { DataError, type DataErrorDetails } from "./dataset/data-error.ts";
export type { Dataset, InputShape, Split } from "./dataset/dataset.ts";
export {
  type DatasetAvailability,
  type DatasetName,
  datasetNames,
  findDataset,
  type LoadOptions,
  loadDataset,
} from "./dataset/load.ts";
export { defaultValidationSize } from "./dataset/subset.ts";
export { type EnergyMeter, type EnergyOptions, openEnergyMeter } from "./energy/energy.ts";
export { abortable } from "./loop/abortable.ts";
export type { CheckpointStore } from "./loop/checkpoint.ts";
export { checkpointInFolder } from "./loop/checkpoint-folder.ts";
export { checkpointsAt } from "./loop/checkpoint-place.ts";
export { type Clock, type Cost, type CostPhase, costPhases } from "./loop/cost.ts";
export type { Ending, LearningCurvePoint, StepProgress, TrainResult } from "./loop/result.ts";
export { type SamplerFactory, type TrainOptions, train } from "./loop/train.ts";
export {
  builtInWorkload,
  defineWorkload,
  type Workload,
  type WorkloadDefinition,
  type WorkloadRun,
} from "./workload.ts";
