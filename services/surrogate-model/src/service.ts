import { surrogate } from "@superbatch/contracts";
import { implement, rpcError, type ServiceEntry } from "@superbatch/rpc";
import type { ModelKind } from "./domain/models/fitted-model.ts";
import { type ReadFitOptions, readFitRequest, readPosteriorRequest } from "./domain/read-request.ts";
import type { Surrogate } from "./domain/surrogate.ts";
import type { LeaveOneOutSummary, ModelSummary, OutputName } from "./domain/task.ts";

export interface SurrogateServiceOptions extends ReadFitOptions {
  readonly surrogate: Surrogate;
  /** What the surrogate fits. */
  readonly model: ModelKind;
  readonly version: string;
  /** Largest message that may be sent. */
  readonly maxMessageBytes: number;
}

const { methods } = surrogate.SurrogateServiceDefinition;

/** The contract, but that posteriors come encoded: tens of megabytes would hold the event loop up here. */
const definition = {
  ...surrogate.SurrogateServiceDefinition,
  methods: {
    ...methods,
    posterior: {
      ...methods.posterior,
      responseType: {
        encode: (bytes: Uint8Array) => ({ finish: () => bytes }),
        decode: (bytes: Uint8Array) => bytes,
      },
    },
  },
} as const;

/** The RPCs of superbatch.surrogate.v1.SurrogateService, over models of one kind. */
export function createSurrogateService(options: SurrogateServiceOptions): ServiceEntry {
  const { surrogate: models, model, version } = options;
  return implement(definition, {
    async describe() {
      return {
        name: model.name,
        version,
        maxObservations: options.maxObservations,
        modelsFidelities: model.modelsFidelities,
        modelsCategories: true,
        defaultSamples: options.samples || model.defaultSamples,
        appends: model.appends,
      };
    },

    /**
     * 1. Check the request; all violations at once.
     * 2. Answer from the cache, or join an equal fit that runs.
     * 3. Infer hyperparameters; if from the first observations only, then by this call too unless their model is cached, and add the others.
     * 4. Say how well observations are predicted, if that is asked.
     */
    async fit(request, { signal }) {
      const { model: fitted, cached } = await models.fit(readFitRequest(request, options), signal);
      const { objective, "log-cost": logCost } = fitted.parts;
      const leaveOneOut = async (output: OutputName) =>
        request.leaveOneOut ? models.leaveOneOut(fitted.handle, output, signal) : undefined;
      const outside = await Promise.all([leaveOneOut("objective"), leaveOneOut("log-cost")]);
      return {
        model: fitted.handle,
        samples: objective.summary.samples,
        objective: diagnostics(objective.summary, outside[0]),
        logCost: diagnostics(logCost.summary, outside[1]),
        cached,
        appended: fitted.appended,
        approximation: objective.summary.approximation,
      };
    },

    /**
     * 1. Find the model; the caller fits again if it is gone.
     * 2. Check the request against the model's columns.
     * 3. Evaluate in the thread that holds the model.
     */
    async posterior(request, { signal }) {
      const found = models.find(request.model);
      if (!found) throw rpcError("MODEL_NOT_FOUND", { handle: request.model });
      const input = readPosteriorRequest(request, found.input.dimensions);
      checkAnswerSize(input.anchors.rows, input.points.rows, found.parts[input.output].summary.samples);
      const answer = await models.posterior(input, signal);
      if (!answer) throw rpcError("MODEL_NOT_FOUND", { handle: request.model });
      return answer;
    },

    async release(request) {
      models.release(request.model);
      return {};
    },
  });

  /** Says so before the work is done, not after. */
  function checkAnswerSize(r: number, q: number, samples: number): void {
    const bytes = 8 * samples * (r * r + 2 * r + 3 * q + r * q);
    const limit = options.maxMessageBytes;
    if (bytes > limit) {
      throw rpcError("FIT_LIMIT_EXCEEDED", { subject: "The bytes of the answer", actual: bytes, limit });
    }
  }
}

function diagnostics({ jitter, hyperparameters }: ModelSummary, leaveOneOut: LeaveOneOutSummary | undefined) {
  return {
    jitter,
    leaveOneOutLogDensity: leaveOneOut?.logDensity,
    leaveOneOutCoverage: leaveOneOut?.coverage,
    hyperparameters,
  };
}
