import { createRng } from "@superbatch/random";
import { ParameterError, type TrainingConfiguration } from "../configuration.ts";
import { augmentationOfStrength } from "../dataset/augmentation.ts";
import { type BatchReader, createBatchReader } from "../dataset/batch.ts";
import { type Dataset, type InputShape, inputSize } from "../dataset/dataset.ts";
import { channelNormalization } from "../dataset/normalization.ts";
import { resizeDataset } from "../dataset/resize.ts";
import { defaultValidationSize, nestedSubset, stratifiedSplit } from "../dataset/subset.ts";
import type { Batch } from "./model.ts";

/** The data of one run after its fidelities: which examples train, which validate, and how they are read. */
export interface RunData {
  readonly inputShape: InputShape;
  readonly classes: number;
  /** Training examples: number i of the run is example `training[i]` of the split. */
  readonly training: Uint32Array;
  /** Examples that measure the objective; none of them trains. The same for every run on a data set with equal `validationExamples`. */
  readonly validation: Uint32Array;
  readonly trainReader: BatchReader;
  readonly testReader: BatchReader;
  readonly testSize: number;
}

/**
 * Sets validation examples aside (stratified), takes the share of the data, reduces the resolution, and measures the normalization on what trains.
 * The choices depend on the data set's name alone, not on a run's seed: trials of a study differ by their parameters, not by their
 * examples, and shares are nested.
 *
 * @throws {ParameterError} if the data set is too small for the validation examples asked for, or the resolution does not suit it.
 */
export function prepareRunData(dataset: Dataset, configuration: TrainingConfiguration): RunData {
  const { dataShare, resolution, augmentation, validationExamples } = configuration;
  const resized = resolution === undefined ? dataset : resizeDataset(dataset, resolution);
  const { train, test, inputShape, classes } = resized;
  const wanted = validationExamples ?? defaultValidationSize(train.size);
  if (wanted >= train.size) {
    const message = `must be below the ${train.size} training examples of ${dataset.name}, not ${wanted}`;
    throw new ParameterError([{ parameter: "validation_examples", message }]);
  }
  const rng = createRng(`${dataset.name}/split`);
  const [validation, rest] = stratifiedSplit(train, wanted / train.size, classes, rng.fork("validation"));
  const training = nestedSubset(rest, dataShare, rng.fork("share"));
  const normalization = channelNormalization(train, inputShape, training);
  const reading = { inputShape, normalization };
  return {
    inputShape,
    classes,
    training,
    validation,
    trainReader: createBatchReader({
      ...reading,
      split: train,
      augmentation: augmentationOfStrength(augmentation, inputShape[0], dataset.flippable),
    }),
    testReader: createBatchReader({ ...reading, split: test }),
    testSize: test.size,
  };
}

/** Memory for batches of up to `capacity` examples. Each call lends the one of two that was lent longer ago: while the device works on a batch the next is read. */
export function createBatchMemory(capacity: number, inputShape: InputShape): (size: number) => Batch {
  const [one, other] = [0, 1].map(() => ({
    inputs: new Float32Array(capacity * inputSize(inputShape)),
    labels: new Int32Array(capacity),
  }));
  let next = one;
  return (size) => {
    if (size > capacity) throw new RangeError(`a batch of ${size} examples does not fit into memory for ${capacity}`);
    const lent = next;
    next = lent === one ? other : one;
    return { size, ...lent };
  };
}
