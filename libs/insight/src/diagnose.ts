import type { optimizer } from "@superbatch/contracts";
import { calibrationOf } from "./calibration.ts";
import { budgetFindings, stateFindings } from "./diagnose-budget.ts";
import { modelFindings } from "./diagnose-model.ts";
import { trialFindings } from "./diagnose-trials.ts";
import { bySeverity, type Finding } from "./finding.ts";
import { observationsOf } from "./observations.ts";

/** What a diagnosis looks at. */
export interface StudyEvidence {
  readonly study: optimizer.Study;
  /** All of the study's trials; learning curves are not needed. */
  readonly trials: readonly optimizer.Trial[];
  /** Milliseconds since the epoch on the clock of whoever looks. */
  readonly now: number;
}

/**
 * What is wrong with a study, or could be better, in words, each with what to do: no trainers, trials that all fail alike, lost leases, used
 * budgets, results that say nothing, parameters at their bounds, importance sampling that never came on, a model that predicts badly.
 *
 * @returns problems first; empty if nothing stands out.
 */
export function diagnoseStudy(evidence: StudyEvidence): Finding[] {
  const observations = observationsOf(evidence.study, evidence.trials);
  return bySeverity([
    ...stateFindings(evidence),
    ...budgetFindings(evidence),
    ...trialFindings(evidence),
    ...modelFindings(evidence, observations, calibrationOf(observations)),
  ]);
}
