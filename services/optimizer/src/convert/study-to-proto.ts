import { formatTrialName, optimizer, parseStudyName } from "@superbatch/contracts";
import type { Study, StudyState } from "@superbatch/store";
import { priorObservations } from "../domain/prior-studies.ts";
import { specOf } from "../domain/spec.ts";
import { specToProto } from "./spec-to-proto.ts";

const states: Readonly<Record<StudyState, optimizer.StudyState>> = {
  active: optimizer.StudyState.ACTIVE,
  paused: optimizer.StudyState.PAUSED,
  completed: optimizer.StudyState.COMPLETED,
};

export function studyToProto(study: Study): optimizer.Study {
  const { counts } = study;
  const spec = specOf(study);
  return {
    name: study.name,
    spec: specToProto(spec),
    state: states[study.state],
    stateReason: study.reason,
    progress: {
      suggested: counts.suggested,
      running: counts.leased + counts.running,
      completed: counts.completed,
      failed: counts.failed,
      infeasible: counts.infeasible,
      abandoned: counts.abandoned,
      cost: { ...study.cost },
      bestTrial:
        study.bestTrial === null ? "" : formatTrialName({ ...parseStudyName(study.name)!, trial: study.bestTrial }),
    },
    spaceVersion: study.spaceVersion,
    createTime: new Date(study.createdAt),
    updateTime: new Date(study.updatedAt),
    etag: String(study.version),
    priors: (spec.priors ?? []).map((prior) => ({
      study: prior.study,
      observations: prior.observations.length,
      outsideSpace: priorObservations(prior, spec).outside,
    })),
    lastEvent: study.lastEvent,
  };
}
