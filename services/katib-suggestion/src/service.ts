import {
  errorDomain,
  failedPrecondition,
  fieldViolations,
  implement,
  invalidArgument,
  RpcError,
  rpcError,
  type ServiceEntry,
  Status,
  statusOf,
  throwIfInvalid,
} from "@superbatch/rpc";
import { BadRequest, ErrorInfo } from "nice-grpc-error-details";
import { katibPath } from "./convert/katib-path.ts";
import { SettingError } from "./convert/read-algorithm.ts";
import { readExperiment } from "./convert/read-experiment.ts";
import { readTrial } from "./convert/read-trial.ts";
import { writeSuggestion } from "./convert/write-suggestion.ts";
import type { Experiment } from "./domain/experiment.ts";
import { ensureStudy, type OptimizerClient, studyIdOf } from "./domain/study.ts";
import { suggest } from "./domain/suggest.ts";
import { tellOutcomes } from "./domain/tell.ts";
import { type Experiment as ExperimentMessage, SuggestionDefinition } from "./generated/api.ts";

export interface SuggestionServiceOptions {
  readonly client: OptimizerClient;
  readonly project: string;
  readonly waitSeconds: number;
}

/** Katib's api.v1.beta1.Suggestion over the optimizer's public API. It keeps nothing: Katib tells all trials with each call, and keeps our marks as their labels. */
export function createSuggestionService({ client, project, waitSeconds }: SuggestionServiceOptions): ServiceEntry {
  return implement(SuggestionDefinition, {
    /**
     * 1. Read the experiment; its study is created with the first call.
     * 2. Tell the optimizer what became of the trials.
     * 3. Lease as many as Katib wants; a repeated demand gets the same ones.
     */
    async getSuggestions({ experiment: message, trials, currentRequestNumber, totalRequestNumber }, { signal }) {
      const experiment = check(message);
      const refuse = (error: unknown) => passOn(error, message!);
      const study = await ensureStudy(client, project, experiment).catch(refuse);
      const metric = message!.spec?.objective?.objectiveMetricName ?? "";
      const read = trials.map((trial) => readTrial(trial, experiment.parameters, metric, project));
      await tellOutcomes(client, study, read).catch(refuse);
      const count = Math.min(1000, currentRequestNumber);
      if (count < 1) return { parameterAssignments: [] };
      const demand = totalRequestNumber > 0 ? `${studyIdOf(experiment)}-${totalRequestNumber}-${count}` : "";
      const asked = suggest({ client, study, count, demand, waitSeconds, signal });
      const { suggestions, reason } = await asked.catch(refuse);
      if (suggestions.length === 0) throw failedPrecondition("STUDY_NOT_ACTIVE", { name: study, state: reason });
      return { parameterAssignments: suggestions.map((suggestion) => writeSuggestion(experiment, suggestion)) };
    },

    async validateAlgorithmSettings({ experiment }) {
      check(experiment);
      return {};
    },
  });
}

/** @throws INVALID_ARGUMENT naming what is wrong. */
function check(message: ExperimentMessage | undefined): Experiment {
  try {
    const { experiment, violations } = readExperiment(message);
    throwIfInvalid(violations);
    return experiment;
  } catch (error) {
    if (error instanceof SettingError) throw settingRefusal(error);
    throw error;
  }
}

/** What the optimizer refuses, it refuses Katib: under the path that Katib's user has written. */
function passOn(error: unknown, { spec }: ExperimentMessage): never {
  const status = statusOf(error);
  if (status === Status.INVALID_ARGUMENT) {
    const violations = fieldViolations(error).map(({ path, message }) => ({
      path: katibPath(path, spec?.algorithm),
      message,
    }));
    if (violations.length > 0) throw invalidArgument(violations);
  }
  if (status === Status.UNAVAILABLE || status === Status.DEADLINE_EXCEEDED)
    throw rpcError("DEPENDENCY_UNAVAILABLE", { dependency: "the optimizer", detail: (error as Error).message });
  throw error;
}

/** INVALID_ARGUMENT whose message is the bare sentence: Katib's users and tests know it so. */
function settingRefusal({ path, message }: SettingError): RpcError {
  const remedy = "Correct the experiment's algorithm and create it again.";
  return new RpcError("INVALID_FIELDS", message, [
    ErrorInfo.fromPartial({ reason: "INVALID_FIELDS", domain: errorDomain, metadata: { remedy } }),
    BadRequest.fromPartial({ fieldViolations: [{ field: path, description: message }] }),
  ]);
}
