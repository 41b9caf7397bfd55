import type { Parameter, ParameterValue, SearchSpace } from "@superbatch/search-space";

/**
 * What the launcher tunes on a data set: few parameters and short trials, so that a study ends in minutes on two cores. A study of one's
 * own is created by CreateStudy with any space.
 */
export interface Preset {
  readonly architecture: string;
  readonly trials: number;
  readonly batchSize: number;
  /** Training examples that a trial uses, validation examples not counted; absent: all. */
  readonly trainingExamples?: number;
  /** Largest super-batch that is evaluated, in mini-batches; the target is the whole training set. */
  readonly largestSuperBatch: number;
  readonly fixed: Readonly<Record<string, ParameterValue>>;
}

/**
 * In runs as short as those on CIFAR τ stays below the published threshold (B + 3b) / (3b), at least 4/3: the networks are not yet sure of
 * anything. The presets lower it, so that importance sampling takes part and the study can tell what it is worth.
 */
const earlyImportanceSampling = { tau_threshold: 1.05 };

const presets: Readonly<Record<string, Preset>> = {
  digits: {
    architecture: "small_cnn",
    trials: 24,
    batchSize: 32,
    largestSuperBatch: 4,
    fixed: { epochs: 12, evaluation_epochs: 2 },
  },
  mnist: {
    architecture: "small_cnn",
    trials: 16,
    batchSize: 32,
    trainingExamples: 4_000,
    largestSuperBatch: 8,
    fixed: { width: 0.5, epochs: 6, evaluation_epochs: 2 },
  },
  cifar10: {
    architecture: "small_cnn",
    trials: 12,
    batchSize: 32,
    trainingExamples: 4_000,
    largestSuperBatch: 8,
    fixed: { width: 0.5, epochs: 10, evaluation_epochs: 5, ...earlyImportanceSampling },
  },
  cifar100: {
    architecture: "small_cnn",
    trials: 12,
    batchSize: 32,
    trainingExamples: 20_000,
    largestSuperBatch: 8,
    fixed: { epochs: 8, evaluation_epochs: 4, ...earlyImportanceSampling },
  },
};

export function presetFor(dataset: string): Preset {
  const preset = presets[dataset];
  if (!preset) throw new RangeError(`no preset for ${dataset}: it must be one of ${Object.keys(presets).join(", ")}`);
  return preset;
}

/**
 * The space of a preset: learning rate, momentum, weight decay, and the super-batch size B as a fidelity whose target is the training set.
 *
 * @param examples - training examples that are left when validation examples are set aside, |D|.
 */
export function spaceOf(dataset: string, architecture: string, preset: Preset, examples: number): SearchSpace {
  const { batchSize, trainingExamples = examples, fixed } = preset;
  const used = Math.min(trainingExamples, examples);
  const constants = {
    dataset,
    architecture,
    batch_size: batchSize,
    ...(used < examples && { data_share: used / examples }),
    ...fixed,
  };
  const tuned: Parameter[] = [
    { name: "learning_rate", domain: { kind: "float", min: 0.003, max: 0.5, scale: "log" } },
    { name: "momentum", domain: { kind: "float", min: 0, max: 0.97, scale: "linear" } },
    { name: "weight_decay", domain: { kind: "float", min: 1e-6, max: 1e-2, scale: "log" } },
    {
      name: "super_batch",
      domain: {
        kind: "integer",
        min: batchSize,
        max: batchSize * preset.largestSuperBatch,
        scale: "log",
      },
      fidelity: { target: used, basis: "fabolas", effect: "small" },
    },
  ];
  const parameters = Object.entries(constants).map(
    ([name, value]): Parameter => ({ name, domain: { kind: "fixed", value } }),
  );
  return { parameters: [...tuned, ...parameters], constraints: [] };
}
