export { type AlternativePoint, type AlternativesData, drawAlternatives } from "./alternatives.ts";
export { type CalibrationData, coverage, drawCalibration } from "./calibration.ts";
export { type ContourData, drawContour } from "./contour.ts";
export { type CostData, costData, drawCost } from "./cost-by-phase.ts";
export { type DistributionData, distributionData, drawDistribution } from "./distribution.ts";
export { drawFidelity, type FidelityData, fidelityData } from "./fidelity.ts";
export { drawHistory, type HistoryAxis, type HistoryData, type HistoryRow, historyData } from "./history.ts";
export { drawImportance, type ImportanceData, type ParameterImportance } from "./importance.ts";
export { drawLearningCurves, type LearningCurve, type LearningCurveData, switchPoints } from "./learning-curves.ts";
export { drawParallel, type ParallelData, parallelData } from "./parallel-coordinates.ts";
export { drawSlice, type SliceData, sliceData } from "./slice.ts";
export { type Drawing, type DrawOptions, figureStyle, numberText } from "./style.ts";
export { thin } from "./thin.ts";
export { drawTimeline, type LeaseLoss, type TimelineData, type TimelineRow, timelineData } from "./timeline.ts";
export { drawErrorAgainstCost, drawTradeOff, type TradeOffData } from "./trade-off.ts";
export {
  byValue,
  type CompletedRow,
  completedRows,
  type ParameterFacts,
  type ParameterValue,
  type PhaseCost,
  type StudyFacts,
  type TrialRow,
  type TrialState,
} from "./trial-row.ts";
