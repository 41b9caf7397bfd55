import { FieldError, type HistoryRecords, type Sampler, type SessionSpec } from "@superbatch/is-sgd";
import type { Rng } from "@superbatch/random";
import type { Architecture } from "../architecture/architecture.ts";
import { ParameterError, type TrainingConfiguration } from "../configuration.ts";
import type { Dataset } from "../dataset/dataset.ts";
import type { EnergyMeter } from "../energy/energy.ts";
import { type CheckpointStore, decodeCheckpoint, fingerprintOf } from "./checkpoint.ts";
import { type Clock, createCostMeter } from "./cost.ts";
import { createModel, type Model, type ModelOptions } from "./model.ts";
import type { LearningCurvePoint, StepProgress, TrainResult } from "./result.ts";
import { createRun } from "./run.ts";
import { prepareRunData } from "./run-data.ts";
import { schemeOf } from "./score.ts";

/**
 * Opens a sampler, in process or remote, for one run. The run closes it.
 *
 * @param token - of a sampler with the same spec, which this one shall continue; only with checkpoints.
 * @param records - losses that belong to the token, with the scheme `loss-history`.
 */
export type SamplerFactory = (
  spec: SessionSpec,
  token?: Uint8Array,
  records?: HistoryRecords,
) => Sampler | Promise<Sampler>;

/** What a run needs besides its configuration. */
export interface TrainOptions {
  readonly dataset: Dataset;
  readonly architecture: Architecture;
  /** Chooses each step's examples. */
  readonly sampler: SamplerFactory;
  /** Initialization, dropout, augmentation and the sampler's seed. Equal streams give equal runs on one backend. */
  readonly rng: Rng;
  /** Measures cost, and budgets in seconds. */
  readonly clock: Clock;
  /** Tells the energy that a run used. @default it is not measured */
  readonly energy?: EnergyMeter | undefined;
  /** Called after each evaluation. */
  readonly onProgress?: (point: LearningCurvePoint) => void;
  /** Called after each step; must be quick. */
  readonly onStep?: (progress: StepProgress) => void;
  /** Ends the run at once: {@link train} rejects with the signal's reason between two steps. */
  readonly signal?: AbortSignal;
  /** Ends the run after the step at hand with what it has reached, as if its budget were used. */
  readonly stopEarly?: AbortSignal;
  /** Also measures the error on the test split at the end; not part of the cost. @default false */
  readonly reportTestError?: boolean;
  /**
   * Saves checkpoints, and goes on from the one that is there if it is of the same run: exactly as it would have gone on undisturbed, except that with
   * prefetch a mini-batch that was drawn but not yet trained on is drawn anew. The last checkpoint stays when the run ends: whoever has brought its
   * result to safety removes it. @default no checkpoints
   */
  readonly checkpoints?: {
    readonly store: CheckpointStore;
    /** Seconds of the clock between two, at least 0. */
    readonly seconds: number;
  };
}

/**
 * Trains one network on the active TensorFlow.js backend by SGD on mini-batches that a sampler chooses and weights, and evaluates it on validation
 * examples that are set aside from the training split.
 *
 * Between steps the event loop runs, so that a process can answer while it trains.
 *
 * @throws {ParameterError} if configuration, data and architecture do not fit together. @throws the signal's reason if it is aborted. Whatever the sampler rejects with.
 */
export async function train(configuration: TrainingConfiguration, options: TrainOptions): Promise<TrainResult> {
  const meter = createCostMeter(options.clock);
  const { energy } = options;
  const joulesBefore = energy?.joules() ?? 0;
  const data = await meter.measure("data", () => prepareRunData(options.dataset, configuration));
  const examples = data.training.length;
  const batchSize = Math.min(configuration.batchSize, examples);
  const superBatch = Math.min(Math.max(configuration.superBatch, batchSize), examples);
  const model = modelFor({
    architecture: options.architecture,
    shape: { inputShape: data.inputShape, classes: data.classes, width: configuration.width },
    optimizer: {
      kind: configuration.optimizer,
      momentum: configuration.momentum,
      weightDecay: configuration.weightDecay,
    },
    dropout: configuration.dropout,
    labelSmoothing: configuration.labelSmoothing,
    rng: options.rng.fork("model"),
  });
  try {
    const scheme = schemeOf(configuration.score);
    // Its mini-batches depend on no scores: the next one can be read while a step runs, and the steps are the same.
    const alwaysUniform = scheme !== "loss-history" && (scheme === "uniform" || superBatch === batchSize);
    const spec: SessionSpec = {
      examples,
      batchSize,
      superBatchSize: superBatch,
      scheme,
      prefetch: alwaysUniform ? 1 : configuration.prefetch,
      ...(configuration.tauThreshold === undefined ? {} : { threshold: configuration.tauThreshold }),
      seed: options.rng.fork("sampler").uint32(),
    };
    const { checkpoints } = options;
    const fingerprint = fingerprintOf(
      configuration,
      options.architecture.name,
      options.dataset.checksum,
      spec,
      options.rng.state(),
    );
    const saved = await checkpoints?.store.load();
    let resumed = saved && decodeCheckpoint(saved, fingerprint);
    let sampler: Sampler;
    try {
      sampler = await options.sampler(spec, resumed?.sampler, resumed?.records);
    } catch (error) {
      if (!resumed || !isRefusal(error)) throw error;
      // Its token would be refused in every attempt: the run starts from the beginning.
      resumed = undefined;
      sampler = await options.sampler(spec);
    }
    try {
      if (resumed) model.restore(resumed.model);
      const run = createRun({ configuration, options, meter, data, batchSize, model, sampler, fingerprint, resumed });
      const result = await run();
      const sizes = { examples, batchSize, superBatch, parameters: model.parameters.count };
      return { ...result, ...sizes, ...(energy && { energyJoules: energy.joules() - joulesBefore }) };
    } finally {
      await sampler.close();
    }
  } finally {
    model.dispose();
  }
}

/** @throws {ParameterError} if the architecture cannot map the data: that is no fault of the machine, which another one would mend. */
function modelFor(options: ModelOptions): Model {
  try {
    return createModel(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ParameterError([
      { parameter: "architecture", message: `${options.architecture.name}: ${error.message}` },
    ]);
  }
}

/** Whether a sampler refused what it was asked for, in process (a field's error) or remote (the gRPC status INVALID_ARGUMENT, 3). */
function isRefusal(error: unknown): boolean {
  return error instanceof FieldError || (error instanceof Error && "code" in error && error.code === 3);
}
