import type { ParameterValues } from "@superbatch/training";

/** One way to choose mini-batches, under the name that records and tables use. */
export interface Method {
  readonly name: string;
  readonly title: string;
  /** What distinguishes it; everything else is {@link common}. */
  readonly values: ParameterValues;
}

const batchSize = 128;
const superBatch = 4 * batchSize;
/** Epochs between two points of the curve. A step that scores B = 4b costs (B + 3b) / 3b uniform ones: so all evaluate about equally often. */
const evaluationEpochs = 0.4;
const evaluationEpochsScored = evaluationEpochs / ((superBatch + 3 * batchSize) / (3 * batchSize));

/** The configuration of every run but for its method, seed and budget. */
export const common: ParameterValues = {
  architecture: "small_cnn",
  optimizer: "nesterov",
  learning_rate: 0.05,
  momentum: 0.9,
  weight_decay: 5e-4,
  schedule: "cosine",
  batch_size: batchSize,
  validation_examples: 1000,
};

export const methods: readonly Method[] = [
  {
    name: "uniform",
    title: "uniform SGD",
    values: { score: "uniform", evaluation_epochs: evaluationEpochs },
  },
  {
    name: "upper-bound",
    title: "IS-SGD, upper bound, as published (switch at τ = 2.33)",
    values: { score: "upper_bound", super_batch: superBatch, evaluation_epochs: evaluationEpochs },
  },
  {
    name: "upper-bound-always",
    title: "IS-SGD, upper bound, always on",
    values: {
      score: "upper_bound",
      super_batch: superBatch,
      tau_threshold: 0,
      evaluation_epochs: evaluationEpochsScored,
    },
  },
  {
    name: "loss-always",
    title: "IS-SGD, loss, always on",
    values: { score: "loss", super_batch: superBatch, tau_threshold: 0, evaluation_epochs: evaluationEpochsScored },
  },
];
