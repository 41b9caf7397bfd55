import type { common, optimizer } from "@superbatch/contracts";
import type { Cost, LearningCurvePoint } from "@superbatch/training";
import type { TrainingOutcome } from "./training-slot.ts";

/** Metrics that a study can optimize; the rest is for information. */
export const objectiveMetrics = ["validation_error", "validation_loss", "train_loss"] as const;

/** Values of a learning curve's point by metric. */
export function pointMetrics(point: LearningCurvePoint): Record<string, number> {
  return {
    validation_error: point.validationError,
    validation_loss: point.validationLoss,
    train_loss: point.trainLoss,
    epoch: point.epoch,
    tau: point.tau,
    importance_sampling: point.importanceSampling ? 1 : 0,
    importance_share: point.importanceSteps / point.step,
  };
}

/** What a network that guesses reaches, in everything that can be optimized: the result of a trial that diverged. */
export function guessingMetrics(classes: number): Record<(typeof objectiveMetrics)[number], number> {
  return { validation_error: 1 - 1 / classes, validation_loss: Math.log(classes), train_loss: Math.log(classes) };
}

/** Values of a whole training by metric; of one that diverged, those of its last finite evaluation, or of guessing if there was none. */
export function outcomeMetrics({ result, classes }: TrainingOutcome): Record<string, number> {
  const last = result.curve.at(-1);
  return {
    ...(last ? pointMetrics(last) : { tau: 0, importance_sampling: 0 }),
    validation_error: result.validationError,
    validation_loss: result.validationLoss,
    train_loss: last ? last.trainLoss : guessingMetrics(classes).train_loss,
    epoch: result.epochs,
    steps: result.steps,
    importance_share: result.steps > 0 ? result.importanceSteps / result.steps : 0,
    diverged: result.diverged ? 1 : 0,
    examples: result.examples,
    super_batch: result.superBatch,
    parameters: result.parameters,
    peak_memory_bytes: result.peakMemoryBytes,
    ...(result.energyJoules === undefined ? {} : { energy_joules: result.energyJoules }),
  };
}

/** Seconds to the study's unit of cost. */
export function costToProto(cost: Cost, perSecond = 1): common.Cost {
  return {
    total: cost.total * perSecond,
    scoring: cost.scoring * perSecond,
    gradient: cost.gradient * perSecond,
    evaluation: cost.evaluation * perSecond,
    data: cost.data * perSecond,
  };
}

export function pointToProto(point: LearningCurvePoint, perSecond: number): optimizer.ProgressPoint {
  return { step: point.step, metrics: pointMetrics(point), cost: costToProto(point.cost, perSecond), time: undefined };
}
