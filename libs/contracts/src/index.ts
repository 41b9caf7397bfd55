export * as common from "./common.ts";
export { dimensionFromProto, dimensionToProto } from "./convert/dimension.ts";
export {
  type GaussianProcessOptions,
  gaussianProcessFromProto,
  gaussianProcessToProto,
  type Inference,
  inferenceFromProto,
  inferenceToProto,
} from "./convert/gaussian-process.ts";
export {
  gaussianFromProto,
  gaussianToProto,
  matrixFromProto,
  matrixToProto,
  vectorFromProto,
  vectorToProto,
} from "./convert/matrix.ts";
export { basisFromProto, basisToProto, spaceFromProto, spaceToProto } from "./convert/space.ts";
export { pointFromProto, pointToProto, valueFromProto, valueToProto } from "./convert/value.ts";
export { costPhases } from "./cost-phases.ts";
export { descriptorSet } from "./descriptors.ts";
export * as sampler from "./generated/superbatch/sampler/v1/sampler_service.ts";
export * as surrogate from "./generated/superbatch/surrogate/v1/surrogate_service.ts";
export * as trainer from "./generated/superbatch/trainer/v1/trainer_service.ts";
export * as optimizer from "./optimizer.ts";
export {
  constraintInWords,
  excess,
  keepsConstraints,
  type OutcomeConstraint,
} from "./outcome-constraints.ts";
export {
  defaultProject,
  formatProjectName,
  formatStudyName,
  formatTrialName,
  idRule,
  isResourceId,
  parseProjectName,
  parseStudyName,
  parseTrialName,
  type StudyName,
  type TrialName,
} from "./resource-names.ts";
export { budgetThatIsOver } from "./stop-study.ts";
