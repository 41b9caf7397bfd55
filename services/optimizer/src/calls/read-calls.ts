import { formatTrialName, optimizer, pointToProto } from "@superbatch/contracts";
import { type HandlerContext, rpcError, throwIfInvalid } from "@superbatch/rpc";
import { readPoint, requireStudyName, type Violations } from "../convert/from-proto.ts";
import { studyToProto } from "../convert/study-to-proto.ts";
import { trialToProto } from "../convert/trial-to-proto.ts";
import { type EventKind, isStudyEvent } from "../domain/event-kinds.ts";
import { createKnownStudies } from "../domain/known-studies.ts";
import { predict, recommend } from "../domain/recommendation.ts";
import { type WatchedEvent, watchStudy } from "../domain/watch.ts";
import type { CallsContext } from "./context.ts";

type ReadCalls = Pick<
  optimizer.OptimizerServiceImplementation<HandlerContext>,
  "watchStudy" | "getRecommendation" | "queryPosterior"
>;

const { EventKind: Kind } = optimizer;

export function createReadCalls({ store, engine }: CallsContext): ReadCalls {
  const known = createKnownStudies(store);
  return {
    async *watchStudy({ study, afterSequence }, { signal, draining }) {
      requireStudyName(study, "study");
      const events = watchStudy(store, study, afterSequence, AbortSignal.any([signal, draining]));
      for await (const event of events) yield eventToProto(event);
      if (draining.aborted) throw rpcError("SERVICE_STOPPING", { service: "optimizer" }, { retryAfterSeconds: 1 });
    },

    async getRecommendation({ study }, { signal }) {
      const name = requireStudyName(study, "study");
      const { point, trial, sd, feasibility, ...numbers } = await recommend(engine, await known.read(study), signal);
      return {
        ...numbers,
        parameters: pointToProto(point),
        sd,
        trial: formatTrialName({ ...name, trial }),
        feasibility,
      };
    },

    async queryPosterior(request, { signal }) {
      requireStudyName(request.study, "study");
      const violations: Violations = [];
      const { length } = request.points;
      if (length < 1 || length > 10_000)
        violations.push({ path: "points", message: `must be 1 to 10000, not ${length}` });
      const points = request.points
        .slice(0, 10_000)
        .map(({ parameters }, i) => readPoint(parameters, `points[${i}].parameters`, violations));
      throwIfInvalid(violations);
      const predictions = await predict(
        engine,
        await known.read(request.study),
        { points, withoutAcquisition: request.withoutAcquisition },
        signal,
      );
      return { predictions: predictions.map((prediction) => ({ ...prediction, acquisition: prediction.acquisition })) };
    },
  };
}

function eventToProto({ event, study, trial }: WatchedEvent): optimizer.WatchStudyResponse {
  return {
    sequence: event.sequence,
    time: new Date(event.time),
    kind: kinds[event.kind as EventKind],
    study: isStudyEvent(event.kind) ? study && studyToProto(study) : undefined,
    trial: study && trial && trialToProto(trial, study),
    message: event.message,
  };
}

const kinds: Readonly<Record<EventKind, optimizer.EventKind>> = {
  "study-created": Kind.STUDY_CREATED,
  "study-updated": Kind.STUDY_UPDATED,
  "trial-suggested": Kind.TRIAL_SUGGESTED,
  "trial-leased": Kind.TRIAL_LEASED,
  "trial-progress": Kind.TRIAL_PROGRESS,
  "trial-completed": Kind.TRIAL_COMPLETED,
  "trial-failed": Kind.TRIAL_FAILED,
  "lease-expired": Kind.LEASE_EXPIRED,
  "trial-updated": Kind.TRIAL_UPDATED,
};
