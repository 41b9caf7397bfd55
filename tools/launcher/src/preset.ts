import type { Parameter, ParameterValue, SearchSpace } from "@superbatch/search-space";

/**
 * What the launcher tunes on a data set: few parameters and short trials, so that a study ends in minutes on two cores. A study of one's
 * own is created by CreateStudy with any space.
 */
export interface Preset {
  readonly architecture: string;
  readonly trials: number;
  readonly batchSize: number;
  /** Training examples that a trial uses, validation examples not counted; 0: all. */
  readonly trainingExamples: number;
  /** Largest super-batch that is evaluated, in mini-batches; the target is the whole training set. */
  readonly largestSuperBatch: number;
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  /** Seconds that one trial takes on one core, for the message at the start. */
  readonly trialSeconds: number;
}

const presets: Readonly<Record<string, Preset>> = {
  digits: {
    architecture: "small_cnn",
    trials: 24,
    batchSize: 32,
    trainingExamples: 0,
    largestSuperBatch: 8,
    fixed: { width: 0.5, epochs: 6, schedule: "cosine" },
    trialSeconds: 6,
  },
  mnist: {
    architecture: "small_cnn",
    trials: 16,
    batchSize: 64,
    trainingExamples: 6_000,
    largestSuperBatch: 8,
    fixed: { width: 0.5, epochs: 3, schedule: "cosine" },
    trialSeconds: 30,
  },
  cifar10: {
    architecture: "small_cnn",
    trials: 12,
    batchSize: 64,
    trainingExamples: 6_000,
    largestSuperBatch: 8,
    fixed: { width: 0.5, epochs: 4, schedule: "cosine" },
    trialSeconds: 60,
  },
  cifar100: {
    architecture: "small_cnn",
    trials: 12,
    batchSize: 64,
    trainingExamples: 10_000,
    largestSuperBatch: 8,
    fixed: { width: 1, epochs: 6, schedule: "cosine" },
    trialSeconds: 240,
  },
};

export function presetFor(dataset: string): Preset {
  const preset = presets[dataset];
  if (!preset) throw new RangeError(`no preset for ${dataset}: it must be one of ${Object.keys(presets).join(", ")}`);
  return preset;
}

/**
 * The space of a preset: learning rate, momentum, weight decay, label smoothing, and the super-batch size B as a fidelity whose target is
 * the training set.
 *
 * @param examples - training examples of the data set that trainers see, |D|.
 */
export function spaceOf(dataset: string, architecture: string, preset: Preset, examples: number): SearchSpace {
  const used = preset.trainingExamples === 0 ? examples : Math.min(preset.trainingExamples, examples);
  const fixed = { dataset, architecture, batch_size: preset.batchSize, ...preset.fixed };
  const tuned: Parameter[] = [
    { name: "learning_rate", domain: { kind: "float", min: 0.003, max: 0.5, scale: "log" } },
    { name: "momentum", domain: { kind: "float", min: 0, max: 0.97, scale: "linear" } },
    { name: "weight_decay", domain: { kind: "float", min: 1e-6, max: 1e-2, scale: "log" } },
    {
      name: "super_batch",
      domain: {
        kind: "integer",
        min: preset.batchSize,
        max: preset.batchSize * preset.largestSuperBatch,
        scale: "log",
      },
      fidelity: { target: used, basis: "fabolas" },
    },
  ];
  const share: Record<string, ParameterValue> = used < examples ? { data_share: used / examples } : {};
  const constants = Object.entries({ ...fixed, ...share }).map(
    ([name, value]): Parameter => ({ name, domain: { kind: "fixed", value } }),
  );
  return { parameters: [...tuned, ...constants], constraints: [] };
}
