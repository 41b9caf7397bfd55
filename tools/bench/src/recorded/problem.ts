import type { DatasetName } from "@superbatch/training";

/** What a recorded benchmark trains, and over which hyperparameters: everything that its runs have in common. */
export interface RecordedProblem {
  readonly name: string;
  readonly dataset: DatasetName;
  readonly architecture: string;
  /** Multiplies the channels of every hidden layer. */
  readonly width: number;
  /** Images are averaged down to this many pixels per side; absent: as the data are. */
  readonly resolution?: number;
  /** |D|: training examples, drawn once from the training split; `all`: all that are not set aside. */
  readonly trainExamples: number | "all";
  /** Set aside from the training split: what a study sees. */
  readonly validationExamples: number;
  /** The first of the test split: what no study sees. */
  readonly testExamples: number;
  /** b. */
  readonly batchSize: number;
  readonly epochs: number;
  /** Between two points of the curve; divides `epochs`. */
  readonly evaluationEpochs: number;
  readonly schedule: "constant" | "cosine";
  /** Super-batches that are recorded, as multiples of b, ascending; the last is the target. */
  readonly levels: readonly number[];
  /** Shares of the training examples that are recorded besides all of them, ascending. */
  readonly shares: readonly number[];
  /** Learning rate, friction and weight decay, in this order. */
  readonly hyperparameters: readonly Hyperparameter[];
}

/** A hyperparameter, spaced logarithmically. */
export interface Hyperparameter {
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** Nesterov's SGD has three. Momentum m is tuned as 1 − m, since the steps that a gradient is remembered for, 1/(1 − m), are what matters of it. */
function nesterov(learningRate: Range, friction: Range, weightDecay: Range): Hyperparameter[] {
  const named = { learning_rate: learningRate, friction, weight_decay: weightDecay };
  return Object.entries(named).map(([name, [min, max]]) => ({ name, min, max }));
}
type Range = readonly [min: number, max: number];

/** What all problems have in common. */
const design = { schedule: "cosine", levels: [2, 4, 8, 16], shares: [1 / 8, 1 / 4, 1 / 2] } as const;

/** What somebody chooses who knows nothing of the network: for the small one a twentieth of the space is within two points of the best error. */
const wideRanges = nesterov([1e-4, 10], [0.005, 1], [1e-6, 1]);

/**
 * The paper's scale: ResNet-56 on all of CIFAR, 45,000 training examples. Its epochs are 200; here two fewer, so that they divide by 3 twice, as successive
 * halving's rungs do.
 */
function resnet56(dataset: "cifar10" | "cifar100"): RecordedProblem {
  return {
    name: `${dataset}-resnet56`,
    dataset,
    architecture: "resnet56",
    width: 1,
    trainExamples: "all",
    validationExamples: 5000,
    testExamples: 10_000,
    batchSize: 128,
    epochs: 198,
    evaluationEpochs: 11,
    ...design,
    hyperparameters: wideRanges,
  };
}

export const recordedProblems: readonly RecordedProblem[] = [
  {
    name: "cifar10",
    dataset: "cifar10",
    architecture: "small_cnn",
    width: 0.5,
    resolution: 16,
    trainExamples: 512,
    validationExamples: 2000,
    testExamples: 4000,
    batchSize: 32,
    epochs: 36,
    evaluationEpochs: 4,
    ...design,
    hyperparameters: wideRanges,
  },
  {
    name: "digits",
    dataset: "digits",
    architecture: "small_cnn",
    width: 0.5,
    trainExamples: 512,
    validationExamples: 900,
    testExamples: 359,
    batchSize: 32,
    epochs: 36,
    evaluationEpochs: 4,
    ...design,
    hyperparameters: nesterov([2e-3, 0.5], [0.02, 1], [1e-5, 0.1]),
  },
  resnet56("cifar10"),
  resnet56("cifar100"),
];

/** @throws {RangeError} for a name that is none. */
export function recordedProblem(name: string): RecordedProblem {
  const problem = recordedProblems.find((each) => each.name === name);
  if (!problem) throw new RangeError(`unknown recorded problem ${name}`);
  return problem;
}

/** Hyperparameters in plain units from a place in the unit cube. */
export function fromUnit({ hyperparameters }: RecordedProblem, place: readonly number[]): number[] {
  return hyperparameters.map(({ min, max }, d) => Number((min * (max / min) ** place[d]!).toPrecision(6)));
}

/** The place in the unit cube of hyperparameters in plain units. */
export function toUnit({ hyperparameters }: RecordedProblem, x: readonly number[]): number[] {
  return hyperparameters.map(({ min, max }, d) => Math.log(x[d]! / min) / Math.log(max / min));
}
