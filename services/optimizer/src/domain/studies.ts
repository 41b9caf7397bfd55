import { failedPrecondition, notFound, rpcError } from "@superbatch/rpc";
import type { SearchSpace } from "@superbatch/search-space";
import type { StoreTransaction, Study, Trial } from "@superbatch/store";
import { isBetter } from "./best-trial.ts";
import { currentPoint } from "./knowledge.ts";
import { type Budget, type StudySpec, specOf, specToJson } from "./spec.ts";
import { record, settle } from "./transitions.ts";

/** @throws ALREADY_EXISTS if there is a study of that name. */
export async function createStudy(
  tx: StoreTransaction,
  name: string,
  project: string,
  spec: StudySpec,
): Promise<Study> {
  if (await tx.getStudy(name)) throw rpcError("STUDY_ALREADY_EXISTS", { name });
  await tx.insertStudy({ name, project, spec: specToJson(spec) });
  await record(tx, name, "study-created", "");
  return (await tx.getStudy(name))!;
}

/** What to change of a study; what is absent stays. */
export interface StudyUpdate {
  readonly name: string;
  readonly state?: "active" | "paused";
  readonly budget?: Budget;
  readonly space?: SearchSpace;
  /** The version that the caller knows. */
  readonly version?: number;
}

/**
 * Changes a study: its space first, then its budget, then its state. More budget makes a completed study active again.
 *
 * @returns the study, and the number of completed trials outside of a new space.
 * @throws ABORTED if the study has another version, FAILED_PRECONDITION if a completed study is to be paused or resumed without more budget.
 */
export async function updateStudy(
  tx: StoreTransaction,
  { name, state, budget, space, version }: StudyUpdate,
): Promise<{ study: Study; outside: number }> {
  let study = await tx.lockStudy(name);
  if (!study) throw notFound("study", name);
  if (version !== undefined && version !== study.version) throw rpcError("STUDY_CHANGED", { name });
  const outside = space ? await changeSpace(tx, study, space) : 0;
  study = (await tx.getStudy(name))!;
  if (budget) {
    const reactivated = study.state === "completed" ? ({ state: "active", reason: "" } as const) : {};
    await tx.updateStudy(name, { spec: specToJson({ ...specOf(study), budget }), ...reactivated });
    await record(tx, name, "study-updated", "the budget was changed");
    study = await settle(tx, (await tx.getStudy(name))!);
  }
  if (state && state !== study.state) {
    if (study.state === "completed") throw failedPrecondition("STUDY_NOT_ACTIVE", { name, state: "completed" });
    await tx.updateStudy(name, { state, reason: state === "paused" ? "paused by its owner" : "" });
    await record(tx, name, "study-updated", state === "paused" ? "paused" : "resumed");
    study = await settle(tx, (await tx.getStudy(name))!);
  }
  return { study: (await tx.getStudy(name))!, outside };
}

/** A new version of the space. Waiting trials that are not in it are abandoned; the best trial is found again among those that are. */
async function changeSpace(tx: StoreTransaction, study: Study, space: SearchSpace): Promise<number> {
  const before = specOf(study);
  const spec = { ...before, space, previousSpaces: [...before.previousSpaces, before.space] };
  const spaceVersion = study.spaceVersion + 1;
  let outside = 0;
  let best: Trial | undefined;
  for (const trial of await tx.listTrials(study.name)) {
    const point = currentPoint(spec, spaceVersion, trial);
    if (!point && trial.state === "completed") outside++;
    if (!point && trial.state === "suggested") {
      const reason = "outside of the new version of the space";
      await tx.updateTrial(study.name, trial.number, { state: "abandoned", reason, finishedAt: tx.now });
      await record(tx, study.name, "trial-failed", `abandoned: ${reason}`, trial.number);
    }
    if (!point || trial.state !== "completed") continue;
    const mapped = { ...trial, point };
    if (isBetter(space, spec.objective, mapped, best)) best = mapped;
  }
  await tx.updateStudy(study.name, { spec: specToJson(spec), spaceVersion, bestTrial: best?.number ?? null });
  const message = `version ${spaceVersion} of the space; ${outside} completed trials are outside of it`;
  await record(tx, study.name, "study-updated", message);
  return outside;
}

/** @throws NOT_FOUND if there is no such study. */
export async function deleteStudy(tx: StoreTransaction, name: string): Promise<void> {
  await tx.lockStudy(name);
  if (!(await tx.deleteStudy(name))) throw notFound("study", name);
}
