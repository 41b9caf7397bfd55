import { formatTrialName, parseStudyName } from "@superbatch/contracts";
import type { Trial } from "@superbatch/store";
import { attribute, recordTrialSpan } from "@superbatch/telemetry";
import { countEnd } from "./metrics.ts";

/** Writes the root span of a trial that has ended, with what it cost, and counts it. */
export function traceTrial(trial: Trial, costUnit: string): void {
  if (trial.finishedAt === null) return;
  countEnd(trial, costUnit);
  if (trial.traceparent === "" || trial.startedAt === null) return;
  const { state, cost, measurement } = trial;
  recordTrialSpan({
    traceparent: trial.traceparent,
    startTime: new Date(trial.startedAt),
    endTime: new Date(trial.finishedAt),
    attributes: {
      [attribute.study]: trial.study,
      [attribute.trial]: trialNameOf(trial),
      [attribute.trialState]: state,
      [attribute.trialAttempts]: trial.leases,
      ...(measurement && { [attribute.trialObjective]: measurement.value }),
      [attribute.costTotal]: cost.total,
      [attribute.costScoring]: cost.scoring,
      [attribute.costGradient]: cost.gradient,
      [attribute.costEvaluation]: cost.evaluation,
      [attribute.costData]: cost.data,
      [attribute.costUnit]: costUnit,
    },
    ...(state !== "completed" && { failure: trial.reason }),
  });
}

/** Resource name of a trial. */
export function trialNameOf({ study, number }: Pick<Trial, "study" | "number">): string {
  return formatTrialName({ ...parseStudyName(study)!, trial: number });
}
