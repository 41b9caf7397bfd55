export { bestSoFar, type ProgressRow } from "./best-so-far.ts";
export { type Calibration, calibrationOf } from "./calibration.ts";
export { diagnoseStudy, type StudyEvidence } from "./diagnose.ts";
export { bySeverity, type Finding } from "./finding.ts";
export { type ImportanceOptions, type ParameterImportance, parameterImportance } from "./importance.ts";
export { type Observations, observationsOf, pointInSpace, signOf } from "./observations.ts";
export { type SobolIndex, type SobolIndicesOptions, sobolIndices } from "./sobol-indices.ts";
