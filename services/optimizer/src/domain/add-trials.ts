import { type FieldViolation, notFound, throwIfInvalid } from "@superbatch/rpc";
import { type Point, validatePoint } from "@superbatch/search-space";
import type { Measurement, NewTrial, StoreTransaction, Trial } from "@superbatch/store";
import { updateBest } from "./best-trial.ts";
import { explanationToJson, userExplanation } from "./explanation.ts";
import { checkLimit } from "./limits.ts";
import { missingMetrics } from "./outcome-constraints.ts";
import { specOf } from "./spec.ts";

/** A point to try, or a known result. */
export interface AddedTrial {
  readonly point: Point;
  readonly measurement?: Measurement;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Adds all trials or none. Known results are completed at once; they count as observations, but not toward the budget.
 *
 * @param limit - trials that the study may have in all.
 * @throws INVALID_ARGUMENT with the path of everything that is not a point of the space, or lacks a constrained metric; RESOURCE_EXHAUSTED beyond the limit.
 */
export async function addTrials(
  tx: StoreTransaction,
  name: string,
  added: readonly AddedTrial[],
  limit: number,
): Promise<readonly Trial[]> {
  const study = await tx.lockStudy(name);
  if (!study) throw notFound("study", name);
  const spec = specOf(study);
  const { space, objective } = spec;
  const violations = added.flatMap(({ point, measurement }, i): FieldViolation[] => {
    const wrong = validatePoint(space, point).map(({ path, message }) => ({ path: `trials[${i}].${path}`, message }));
    if (objective.transform === "log" && measurement && measurement.value < 0)
      wrong.push({
        path: `trials[${i}].measurement.value`,
        message: "must be at least 0: the objective is log-transformed",
      });
    if (measurement) wrong.push(...missingMetrics(spec, measurement, `trials[${i}].measurement`));
    return wrong;
  });
  throwIfInvalid(violations);
  checkLimit(`trials of the study ${name}`, study.trialCount + added.length, limit);

  const trials = await tx.insertTrials(
    name,
    added.map(({ point, measurement, labels }): NewTrial => {
      const base = { point, labels, spaceVersion: study.spaceVersion, explanation: explanationToJson(userExplanation) };
      if (!measurement) return base;
      return { ...base, state: "completed", measurement, startedAt: tx.now, finishedAt: tx.now };
    }),
  );
  await updateBest(
    tx,
    study,
    trials.filter(({ measurement }) => measurement),
  );
  await tx.appendEvents(
    name,
    trials.map((trial) => ({
      kind: trial.measurement ? "trial-completed" : "trial-suggested",
      trial: trial.number,
      message: trial.measurement ? "a known result was added" : "user",
    })),
  );
  return trials;
}
