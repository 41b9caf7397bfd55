import type { SurrogateOutput, SurrogatePosterior } from "@superbatch/acquisition";
import {
  dimensionToProto,
  gaussianFromProto,
  gaussianProcessToProto,
  inferenceToProto,
  matrixToProto,
  surrogate,
  vectorToProto,
} from "@superbatch/contracts";
import { type ClientHandle, reasonOf } from "@superbatch/rpc";
import {
  type FitReport,
  type Surrogate,
  type SurrogateData,
  type SurrogateFitOptions,
  withReport,
} from "./surrogate.ts";

export interface RemoteSurrogateOptions {
  readonly client: ClientHandle<surrogate.SurrogateServiceDefinition>["client"];
  /** Deadline of one fit or one question, seconds. @default 300 */
  readonly fitSeconds?: number;
}

const outputs: Record<SurrogateOutput, surrogate.Output> = {
  objective: surrogate.Output.OBJECTIVE,
  "log-cost": surrogate.Output.LOG_COST,
};

/**
 * Behind one name there may be several servers, each with a cache of its own, and calls go to them in turn: a model that one was asked to fit is unknown to the
 * next. It is fitted again until the question reaches one that has it; a fit is remembered, so that with n servers n of them are enough.
 */
const mostFits = 32;

/** The surrogate service as the engine's surrogate. A model that the server at hand does not have is fitted again. */
export function createRemoteSurrogate({ client, fitSeconds = 300 }: RemoteSurrogateOptions): Surrogate {
  function fitOnce(data: SurrogateData, options: SurrogateFitOptions, signal: AbortSignal) {
    const control = { signal, deadline: new Date(Date.now() + fitSeconds * 1000) };
    return client.fit(fitRequest(data, options), control);
  }

  return {
    async fit(data, options, signal) {
      const fitted = await fitOnce(data, options, signal);
      let { model } = fitted;
      const ask: SurrogatePosterior = async (output, anchors, points, questionSignal) => {
        const { samples } = await client.posterior(
          { model, output: outputs[output], anchors: matrixToProto(anchors), points: matrixToProto(points) },
          { signal: questionSignal ?? signal, deadline: new Date(Date.now() + fitSeconds * 1000) },
        );
        return samples.map(gaussianFromProto);
      };
      const askAgain: SurrogatePosterior = async (...question) => {
        for (let fits = 0; ; fits++) {
          try {
            return await ask(...question);
          } catch (error) {
            if (reasonOf(error) !== "MODEL_NOT_FOUND" || fits === mostFits) throw error;
            ({ model } = await fitOnce(data, options, question[3] ?? signal));
          }
        }
      };
      return withReport(askAgain, reportOf(fitted));
    },
  };
}

function reportOf({ approximation, objective, logCost }: surrogate.FitResponse): FitReport {
  return { approximation, jitter: Math.max(objective?.jitter ?? 0, logCost?.jitter ?? 0) };
}

function fitRequest({ dimensions, x, y, cost }: SurrogateData, options: SurrogateFitOptions) {
  const { seed, samples, inference, gaussianProcess, inferFrom } = options;
  return {
    dimensions: dimensions.map(dimensionToProto),
    x: matrixToProto(x),
    y: vectorToProto(y),
    cost: vectorToProto(cost),
    inference: inferenceToProto(inference ?? "mcmc"),
    gaussianProcess: gaussianProcessToProto(gaussianProcess),
    samples: samples ?? 0,
    seed,
    inferFrom: inferFrom ?? 0,
  };
}
