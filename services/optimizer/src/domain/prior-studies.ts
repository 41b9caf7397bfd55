import { invalidArgument } from "@superbatch/rpc";
import { mapPoint } from "@superbatch/search-space";
import type { StoreTransaction, Study, Trial } from "@superbatch/store";
import { currentPoint, learnedFrom, signOf } from "./observation.ts";
import { type PriorStudy, type StudySpec, specOf } from "./spec.ts";
import type { Observation } from "./suggest/engine.ts";

/** Largest number of earlier studies that one learns from. */
export const priorLimit = 5;

/** Results taken of all earlier studies together: the model of every suggestion has them. */
const resultLimit = 200;

/**
 * Takes the newest results of earlier studies, each an equal share of 200, as they are now: what happens to those studies later changes nothing.
 *
 * @param path - of the names in the request.
 * @throws INVALID_ARGUMENT with the path of every name that is not a study of the project with the same goal.
 */
export async function takePriors(
  tx: StoreTransaction,
  project: string,
  names: readonly string[],
  spec: StudySpec,
  path: string,
): Promise<readonly PriorStudy[]> {
  const studies = await Promise.all(names.map((name) => tx.getStudy(name)));
  const violations = studies.flatMap((study, i) => {
    const message =
      study?.project !== project
        ? "is not a study of this project"
        : specOf(study).objective.goal !== spec.objective.goal
          ? `has the goal to ${specOf(study).objective.goal}, not to ${spec.objective.goal}`
          : names.indexOf(names[i]!) < i
            ? "is named twice"
            : undefined;
    return message === undefined ? [] : [{ path: `${path}[${i}]`, message }];
  });
  if (violations.length > 0) throw invalidArgument(violations);
  const share = Math.floor(resultLimit / Math.max(1, names.length));
  return Promise.all(
    studies.map(async (study): Promise<PriorStudy> => {
      const trials = await tx.listTrials(study!.name, { states: ["completed"] });
      const observations = trials.flatMap((trial) => resultOf(study!, trial)).slice(-share);
      return { study: study!.name, space: specOf(study!).space, observations };
    }),
  );
}

function resultOf(study: Study, trial: Trial): PriorStudy["observations"] {
  const point = currentPoint(specOf(study), study.spaceVersion, trial);
  return point ? [{ point, ...learnedFrom(trial.measurement!) }] : [];
}

/** What of an earlier study the present space contains, values to be minimized, and how many results it does not. */
export function priorObservations(
  { space, observations }: PriorStudy,
  spec: StudySpec,
): { readonly observations: readonly Observation[]; readonly outside: number } {
  const inside = observations.flatMap(({ point, value, cost }): Observation[] => {
    const mapped = mapPoint(space, spec.space, point, spec.formerValues);
    return mapped.kind === "outside" ? [] : [{ point: mapped.point, value: signOf(spec) * value, cost }];
  });
  return { observations: inside, outside: observations.length - inside.length };
}
