import { constraintInWords, keepsConstraints } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import type { Measurement, Trial } from "@superbatch/store";
import type { StudySpec } from "./spec.ts";

/** Whether a completed trial can be a study's best one: its metrics keep all of the study's outcome constraints. */
export function keepsAll(
  { outcomeConstraints }: Pick<StudySpec, "outcomeConstraints">,
  { measurement }: Trial,
): boolean {
  return keepsConstraints(outcomeConstraints, measurement?.metrics ?? {});
}

/**
 * The constrained metrics that a result does not bring. Without them nothing is learned of the constraint, and nobody could tell whether the trial keeps it.
 *
 * @param path - of the measurement in the request.
 */
export function missingMetrics(
  { outcomeConstraints = [] }: Pick<StudySpec, "outcomeConstraints">,
  { metrics }: Pick<Measurement, "metrics">,
  path: string,
): FieldViolation[] {
  return outcomeConstraints
    .filter(({ metric }) => !Object.hasOwn(metrics, metric))
    .map((constraint) => ({
      path: `${path}.metrics[${JSON.stringify(constraint.metric)}]`,
      message:
        `is required: the study has the constraint ${constraintInWords(constraint)}; ` +
        "a run in which it cannot be measured is reported by FailTrial as infeasible",
    }));
}
