import type { HistoryRecords, Sampler, SessionSpec } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import {
  type CheckpointStore,
  type Clock,
  type EnergyMeter,
  type LearningCurvePoint,
  type ParameterValues,
  type StepProgress,
  type TrainingConfiguration,
  type TrainResult,
  train,
} from "@superbatch/training";
import type { WorkloadRegistry } from "./workload-registry.ts";

/** One training to run. */
export interface TrainingOrder {
  /** A trial's parameters. */
  readonly values: ParameterValues;
  /** Below 2^53. */
  readonly seed: number;
  /** Ends the training at once; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  /** Ends the training after the step at hand, with what it has reached. */
  readonly stopEarly?: AbortSignal;
  readonly onProgress?: (point: LearningCurvePoint) => void;
  readonly onStep?: (progress: StepProgress) => void;
  /** Name under which checkpoints are kept, if the slot keeps any. Absent: there are none. */
  readonly checkpoint?: string | undefined;
}

export interface TrainingOutcome {
  readonly result: TrainResult;
  readonly configuration: TrainingConfiguration;
  readonly classes: number;
}

/**
 * The one place of this process where a training can run: a backend has one device and one memory, and costs are measured in
 * seconds, which two trainings at once would falsify.
 */
export interface TrainingSlot {
  /** Whether a training runs now. */
  readonly busy: boolean;
  /** Resolves when no training runs. */
  idle(): Promise<void>;
  /**
   * @throws {ParameterError} if the parameters are wrong, {@link DataError} if the data are missing or corrupt, the signal's reason, {@link Error} if busy or if
   * the sampler fails.
   */
  run(order: TrainingOrder): Promise<TrainingOutcome>;
}

/** Where a sampler was. */
export interface SamplerState {
  readonly token: Uint8Array;
  /** Losses that it has recorded, with the scheme `loss-history`. */
  readonly records?: HistoryRecords;
}

export interface TrainingSlotOptions {
  readonly registry: WorkloadRegistry;
  readonly clock: Clock;
  /** Absent: energy is not measured. */
  readonly energy?: EnergyMeter | undefined;
  /** @param resume - state of a sampler with this spec that shall be continued. */
  readonly sampler: (spec: SessionSpec, signal: AbortSignal, resume?: SamplerState) => Promise<Sampler>;
  /** Where checkpoints are kept, and the seconds between two. Absent: nowhere. */
  readonly checkpoints?: { readonly store: (name: string) => CheckpointStore; readonly seconds: number } | undefined;
}

export function createTrainingSlot(options: TrainingSlotOptions): TrainingSlot {
  const { registry, clock, energy, sampler, checkpoints } = options;
  async function run(order: TrainingOrder): Promise<TrainingOutcome> {
    const { values, seed, signal, stopEarly, onProgress, onStep, checkpoint } = order;
    const { workload, configuration, architecture } = registry.configure(values);
    const dataset = await workload.dataset();
    const result = await train(configuration, {
      dataset,
      architecture,
      clock,
      energy,
      rng: createRng(seed),
      sampler: (spec, token, records) => sampler(spec, signal, token && { token, ...(records && { records }) }),
      signal,
      ...(stopEarly ? { stopEarly } : {}),
      ...(onProgress ? { onProgress } : {}),
      ...(onStep ? { onStep } : {}),
      ...(checkpoints && checkpoint !== undefined
        ? { checkpoints: { store: checkpoints.store(checkpoint), seconds: checkpoints.seconds } }
        : {}),
    });
    return { result, configuration, classes: dataset.classes };
  }
  return oneAtATime(run);
}

/** A slot that does `run` for one order at a time. */
export function oneAtATime(run: TrainingSlot["run"]): TrainingSlot {
  let current: Promise<TrainingOutcome> | undefined;
  return {
    get busy() {
      return current !== undefined;
    },
    async idle() {
      while (current) await current.catch(() => {});
    },
    async run(order) {
      if (current) throw new Error("a training runs already");
      current = run(order);
      try {
        return await current;
      } finally {
        current = undefined;
      }
    },
  };
}
