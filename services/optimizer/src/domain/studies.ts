import { type FieldViolation, failedPrecondition, notFound, rpcError, throwIfInvalid } from "@superbatch/rpc";
import { type Point, type SearchSpace, validatePoint } from "@superbatch/search-space";
import type { StoreTransaction, Study, Trial } from "@superbatch/store";
import { candidateOf, isBetter } from "./best-trial.ts";
import { reasonUsed } from "./budget.ts";
import { currentPoint } from "./observation.ts";
import { takePriors } from "./prior-studies.ts";
import { type Budget, endOf, type StudySpec, specOf, specToJson } from "./spec.ts";
import { record, settle, spentOf } from "./transitions.ts";

/**
 * @param priors - names of the studies to start from.
 * @throws ALREADY_EXISTS if there is a study of that name, INVALID_ARGUMENT with the path of each prior study that cannot be one.
 */
export async function createStudy(
  tx: StoreTransaction,
  name: string,
  project: string,
  wanted: StudySpec,
  priors: readonly string[],
): Promise<Study> {
  if (await tx.getStudy(name)) throw rpcError("STUDY_ALREADY_EXISTS", { name });
  const taken = await takePriors(tx, project, priors, wanted, "study.spec.prior_studies");
  const spec = taken.length > 0 ? { ...wanted, priors: taken } : wanted;
  await tx.insertStudy({ name, project, spec: specToJson(spec), endsAt: endOf(spec, tx.now) });
  await record(tx, name, "study-created", "");
  return (await tx.getStudy(name))!;
}

/** What to change of a study; what is absent stays. */
export interface StudyUpdate {
  readonly name: string;
  readonly state?: "active" | "paused";
  readonly budget?: Budget;
  readonly space?: SearchSpace;
  /** With a space: values that parameters which it adds had before. */
  readonly formerValues?: Point;
  /** The version that the caller knows. */
  readonly version?: number;
}

/**
 * Changes a study: its space first, then its budget, then its state. More budget makes a completed study active again, and so does a wish
 * to resume it while its budget is not used.
 *
 * @returns the study, and the number of completed trials outside of a new space.
 * @throws ABORTED if the study has another version, FAILED_PRECONDITION if a completed study is to be paused, or resumed without budget;
 *   INVALID_ARGUMENT for a former value of something else than an added parameter.
 */
export async function updateStudy(
  tx: StoreTransaction,
  { name, state, budget, space, formerValues = {}, version }: StudyUpdate,
): Promise<{ study: Study; outside: number }> {
  let study = await tx.lockStudy(name);
  if (!study) throw notFound("study", name);
  if (version !== undefined && version !== study.version) throw rpcError("STUDY_CHANGED", { name });
  const outside = space ? await changeSpace(tx, study, space, formerValues) : 0;
  study = (await tx.getStudy(name))!;
  if (budget) {
    const spec = { ...specOf(study), budget };
    if (study.state === "completed") await resume(tx, study, spec);
    else await tx.updateStudy(name, { spec: specToJson(spec) });
    await tx.updateStudy(name, { endsAt: endOf(spec, study.createdAt) });
    await record(tx, name, "study-updated", "the budget was changed");
    study = await settle(tx, (await tx.getStudy(name))!);
  }
  if (state && state !== study.state) {
    if (study.state !== "completed")
      await tx.updateStudy(name, { state, reason: state === "paused" ? "paused by its owner" : "" });
    else if (state === "active" && reasonUsed(specOf(study).budget, spentOf(study, tx.now)) === undefined)
      await resume(tx, study, specOf(study));
    else throw failedPrecondition("STUDY_NOT_ACTIVE", { name, state: "completed" });
    await record(tx, name, "study-updated", state === "paused" ? "paused" : "resumed");
    study = await settle(tx, (await tx.getStudy(name))!);
  }
  return { study: (await tx.getStudy(name))!, outside };
}

/** A completed study goes on. It completes some trials before it can converge again. */
async function resume(tx: StoreTransaction, study: Study, spec: StudySpec): Promise<void> {
  const { completed } = spentOf(study, tx.now);
  await tx.updateStudy(study.name, {
    state: "active",
    reason: "",
    spec: specToJson({ ...spec, resumedAt: completed }),
  });
}

/**
 * A new version of the space. Waiting trials become points of it, or are abandoned if they are outside of it; the best trial is found again among
 * those that are inside.
 */
async function changeSpace(
  tx: StoreTransaction,
  study: Study,
  space: SearchSpace,
  formerValues: Point,
): Promise<number> {
  const before = specOf(study);
  throwIfInvalid(checkFormer(before.space, space, formerValues));
  const known = { ...before.formerValues, ...formerValues };
  const spec = {
    ...before,
    space,
    previousSpaces: [...before.previousSpaces, before.space],
    ...(Object.keys(known).length > 0 && { formerValues: known }),
  };
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
    if (point && trial.state === "suggested") await tx.updateTrial(study.name, trial.number, { point, spaceVersion });
    const candidate = trial.state === "completed" ? candidateOf(spec, spaceVersion, trial) : undefined;
    if (candidate && isBetter(space, spec.objective, candidate, best)) best = candidate;
  }
  await tx.updateStudy(study.name, { spec: specToJson(spec), spaceVersion, bestTrial: best?.number ?? null });
  const message = `version ${spaceVersion} of the space; ${outside} completed trials are outside of it`;
  await record(tx, study.name, "study-updated", message);
  return outside;
}

/** Former values are of parameters that the new space adds, and in their domains. */
function checkFormer(before: SearchSpace, after: SearchSpace, values: Point): FieldViolation[] {
  const had = new Set(before.parameters.map(({ name }) => name));
  return Object.entries(values).flatMap(([name, value]): FieldViolation[] => {
    const path = `former_values[${JSON.stringify(name)}]`;
    const parameter = after.parameters.find((each) => each.name === name);
    if (!parameter) return [{ path, message: "is not a parameter of the new space" }];
    if (had.has(name)) return [{ path, message: "is a parameter of the present space: its old trials have values" }];
    const { domain } = parameter;
    const wrong = validatePoint({ parameters: [{ name, domain }], constraints: [] }, { [name]: value });
    return wrong.map(({ message }) => ({ path, message }));
  });
}

/** @throws NOT_FOUND if there is no such study. */
export async function deleteStudy(tx: StoreTransaction, name: string): Promise<void> {
  await tx.lockStudy(name);
  if (!(await tx.deleteStudy(name))) throw notFound("study", name);
}
