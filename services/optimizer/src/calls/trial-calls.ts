import { optimizer } from "@superbatch/contracts";
import { notFound, throwIfInvalid } from "@superbatch/rpc";
import type { Attempt, Store, Trial, TrialState } from "@superbatch/store";
import {
  readMeasurement,
  readPoint,
  requireStudyName,
  requireTrialName,
  type Violations,
} from "../convert/from-proto.ts";
import { decodePageToken, encodePageToken, pageSize } from "../convert/page-token.ts";
import { curveOf, trialStates, trialToProto } from "../convert/trial-to-proto.ts";
import { validateTexts } from "../convert/validate-spec.ts";
import { addTrials } from "../domain/add-trials.ts";
import { labelTrial } from "../domain/label-trial.ts";
import { type CallsContext, checkRequestId, describeCall } from "./context.ts";

type TrialCalls = Pick<
  optimizer.OptimizerServiceImplementation,
  "addTrials" | "getTrial" | "updateTrial" | "listTrials"
>;

export function createTrialCalls({ store, idempotency, leases, limits }: CallsContext): TrialCalls {
  return {
    async addTrials(request) {
      const { AddTrialsRequest, AddTrialsResponse } = optimizer;
      const { project } = requireStudyName(request.study, "study");
      const violations: Violations = [];
      checkRequestId(request, violations);
      const { length } = request.trials;
      if (length < 1 || length > 1_000)
        violations.push({ path: "trials", message: `must be 1 to 1000, not ${length}` });
      const added = request.trials.slice(0, 1_000).map((trial, i) => {
        const path = `trials[${i}]`;
        violations.push(...validateTexts(trial.labels, `${path}.labels`));
        const point = readPoint(trial.parameters, `${path}.parameters`, violations);
        const { measurement, labels } = trial;
        if (!measurement) return { point, labels };
        return { point, labels, measurement: readMeasurement(measurement, `${path}.measurement`, violations) };
      });
      throwIfInvalid(violations);
      const call = describeCall("AddTrials", project, request, AddTrialsRequest, AddTrialsResponse);
      return idempotency.commit(call, async (tx, effects) => {
        const trials = await addTrials(tx, request.study, added, limits.trials);
        effects.push(() => leases.changed(request.study));
        const study = (await tx.getStudy(request.study))!;
        return { trials: trials.map((trial) => trialToProto(trial, study)) };
      });
    },

    async getTrial({ name }) {
      const { study, trial: number } = requireTrialName(name, "name");
      const trial = await store.getTrial(study, number);
      const current = await store.getStudy(study);
      if (!trial || !current) throw notFound("trial", name);
      const [progress, attempts] = await Promise.all([
        store.listProgress(study, number),
        store.listAttempts(study, number),
      ]);
      return { trial: trialToProto(trial, current, curveOf(trial, progress), attempts) };
    },

    async updateTrial(request) {
      const { UpdateTrialRequest, UpdateTrialResponse } = optimizer;
      const { project, study, trial: number } = requireTrialName(request.name, "name");
      const violations: Violations = [...validateTexts(request.labels, "labels")];
      checkRequestId(request, violations);
      throwIfInvalid(violations);
      const call = describeCall("UpdateTrial", project, request, UpdateTrialRequest, UpdateTrialResponse);
      return idempotency.commit(call, async (tx) => ({
        trial: trialToProto(await labelTrial(tx, study, number, request.labels), (await tx.getStudy(study))!),
      }));
    },

    async listTrials(request) {
      requireStudyName(request.study, "study");
      const violations: Violations = [];
      const states = request.states.map((state, i) => {
        const found = (Object.keys(trialStates) as TrialState[]).find((key) => trialStates[key] === state);
        if (!found) violations.push({ path: `states[${i}]`, message: "is not a state of trials" });
        return found!;
      });
      throwIfInvalid(violations);
      const limit = pageSize(request.pageSize, 1_000, 10_000);
      const after = decodePageToken(request.pageToken, (key): key is number => Number.isInteger(key));
      const study = await store.getStudy(request.study);
      if (!study) throw notFound("study", request.study);
      const filter = states.length > 0 ? { states } : {};
      const trials = await store.listTrials(request.study, { after, limit, ...filter });
      const attempts = request.includeAttempts ? await attemptsOf(store, request.study, trials) : undefined;
      const shown: optimizer.Trial[] = [];
      for (const trial of trials) {
        const progress = request.includeProgress ? await store.listProgress(request.study, trial.number) : [];
        shown.push(trialToProto(trial, study, curveOf(trial, progress), attempts?.get(trial.number)));
      }
      const last = trials.length === limit ? trials.at(-1) : undefined;
      return { trials: shown, nextPageToken: last ? encodePageToken(last.number) : "" };
    },
  };
}

/** Attempts of a page of trials, by trial. */
async function attemptsOf(store: Store, study: string, trials: readonly Trial[]): Promise<Map<number, Attempt[]>> {
  if (trials.length === 0) return new Map();
  const range = { first: trials[0]!.number, last: trials.at(-1)!.number };
  return Map.groupBy(await store.listAttempts(study, range), ({ trial }) => trial);
}
