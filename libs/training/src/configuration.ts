import { z } from "zod";
import type { Schedule } from "./optimizer/schedule.ts";

/**
 * How examples are scored: `upper_bound` ‖softmax(z) − onehot(y)‖₂, `loss`, `gradient_norm` (exact, one backward pass per example),
 * `loss_history` (the last known losses of all examples, nothing is scored in addition), or `uniform`: no importance sampling.
 */
export type ScoreKind = (typeof scoreKinds)[number];
const scoreKinds = ["upper_bound", "loss", "gradient_norm", "loss_history", "uniform"] as const;

/** When a run ends. */
export type Budget =
  /** May be fractional: 0.5 is half the examples. */
  | { readonly kind: "epochs"; readonly epochs: number }
  | { readonly kind: "steps"; readonly steps: number }
  /** Of training: preparation and the final evaluation come on top. */
  | { readonly kind: "seconds"; readonly seconds: number };

/** Everything that decides how one run trains, besides its data, its architecture and its seed. */
export interface TrainingConfiguration {
  readonly optimizer: "sgd" | "nesterov" | "adam";
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly schedule: Schedule;
  /** Share of the run in [0, 1). */
  readonly warmup: number;
  /** b. */
  readonly batchSize: number;
  readonly dropout: number;
  /** Strength, see {@link augmentationOfStrength}. */
  readonly augmentation: number;
  readonly labelSmoothing: number;
  readonly width: number;
  /** B as asked for. A run uses at least b (uniform SGD) and at most its number of examples. */
  readonly superBatch: number;
  readonly score: ScoreKind;
  /** Absent: (B + 3b) / (3b). */
  readonly tauThreshold?: number | undefined;
  /** 1: the sampler's answer is waited for one step later, so that its way and the training overlap. 0: as published. */
  readonly prefetch: 0 | 1;
  readonly dataShare: number;
  /** Pixels per side; absent: as the data are. */
  readonly resolution?: number | undefined;
  readonly budget: Budget;
  /** Epochs between evaluations. */
  readonly evaluationEpochs: number;
  /** Examples set aside from the training split; absent: {@link defaultValidationSize}. */
  readonly validationExamples?: number | undefined;
  /** What a run that diverged is: a result as bad as guessing, or a point that cannot be evaluated. */
  readonly diverged: "penalty" | "infeasible";
}

/** Name, meaning and default of a parameter, for lists and user interfaces. */
export interface ParameterDescription {
  readonly name: string;
  /** Meaning, unit, range. */
  readonly description: string;
  readonly defaultValue?: number | string | boolean | undefined;
}

const positive = z.number().positive();
const share = z.number().min(0).lt(1);
const count = z.number().int().min(1);

/** The parameters that every workload understands, under the names that a search space uses. */
const shape = {
  optimizer: z
    .enum(["sgd", "nesterov", "adam"])
    .default("nesterov")
    .describe("how gradients become steps: sgd, nesterov or adam"),
  learning_rate: positive.default(0.05).describe("learning rate before the schedule, above 0"),
  momentum: share.default(0.9).describe("momentum of SGD, β₁ of Adam, in [0, 1)"),
  weight_decay: z
    .number()
    .min(0)
    .default(1e-4)
    .describe("each step shrinks filters and matrices by learning rate · weight decay, at least 0"),
  schedule: z
    .enum(["constant", "step", "cosine"])
    .default("cosine")
    .describe("course of the learning rate: constant, step or cosine"),
  schedule_factor: z.number().gt(0).max(1).default(0.1).describe("step schedule: factor of each drop, in (0, 1]"),
  schedule_drops: count.default(2).describe("step schedule: number of equally spaced drops, at least 1"),
  warmup: share.default(0).describe("share of the run in which the learning rate grows from zero, in [0, 1)"),
  batch_size: count.default(128).describe("examples of a mini-batch, b, at least 1"),
  dropout: share.default(0).describe("share of values that dropout sets to zero, in [0, 1)"),
  augmentation: z
    .number()
    .min(0)
    .max(2)
    .default(0)
    .describe("strength of random shifts and mirroring: 0 none, 1 as published for CIFAR, at most 2"),
  label_smoothing: share.default(0).describe("ε of label smoothing, in [0, 1)"),
  width: positive.max(64).default(1).describe("multiplies the channels of every hidden layer, in (0, 64]"),
  super_batch: count
    .optional()
    .describe(
      "super-batch B, examples scored per importance-sampled step; up to the batch size: uniform SGD; default 3 · batch_size",
    ),
  score: z
    .enum(scoreKinds)
    .default("upper_bound")
    .describe("what importance is: upper_bound, loss, gradient_norm (slow), loss_history or uniform"),
  tau_threshold: z
    .number()
    .min(0)
    .optional()
    .describe("τ above which importance sampling is on, at least 0; default (B + 3b) / (3b)"),
  prefetch: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .describe(
      "1 hides the way to the sampler behind the training: scores and the switch are then one step older; 0 as published",
    ),
  data_share: z.number().gt(0).max(1).default(1).describe("share of the training examples that is used, in (0, 1]"),
  resolution: count.optional().describe("images are reduced to this many pixels per side; default as they are"),
  epochs: positive.optional().describe("budget in epochs, above 0, may be fractional; default 10"),
  steps: count.optional().describe("budget in gradient steps, in place of epochs"),
  seconds: positive.optional().describe("budget in seconds of training, in place of epochs"),
  evaluation_epochs: positive.default(1).describe("epochs between evaluations on the validation examples, above 0"),
  validation_examples: count
    .optional()
    .describe("training examples set aside for validation; default a tenth, but 500 where that is at most a quarter"),
  diverged: z
    .enum(["penalty", "infeasible"])
    .default("penalty")
    .describe("a run that diverges: penalty (completes with the error of guessing) or infeasible"),
} as const;

const schema = z
  .strictObject(shape)
  .refine(({ epochs, steps, seconds }) => [epochs, steps, seconds].filter((b) => b !== undefined).length <= 1, {
    path: ["epochs"],
    message: "only one of epochs, steps and seconds can be given",
  });

/** One thing that is wrong with a trial's parameters. */
export interface ParameterProblem {
  /** Name of the parameter. */
  readonly parameter: string;
  readonly message: string;
}

/** A trial's parameters cannot be trained. Names every problem at once. */
export class ParameterError extends Error {
  readonly problems: readonly ParameterProblem[];

  constructor(problems: readonly ParameterProblem[]) {
    super(problems.map(({ parameter, message }) => `${parameter}: ${message}`).join("; "));
    this.name = "ParameterError";
    this.problems = problems;
  }
}

/** Values by parameter name, as a trial has them. */
export type ParameterValues = Readonly<Record<string, number | string | boolean>>;

/** What {@link parseConfiguration} understands, in its order. */
export function configurationParameters(): ParameterDescription[] {
  return Object.entries(shape).map(([name, type]) => ({
    name,
    description: type.description ?? "",
    defaultValue: type instanceof z.ZodDefault ? (type.def.defaultValue as number | string) : undefined,
  }));
}

/**
 * A trial's parameters as a typed configuration.
 *
 * @param values - of the trial.
 * @param defaults - values for parameters that the trial does not have, before the general defaults. If the trial has a budget, theirs is not used.
 * @throws {ParameterError} naming every parameter that is unknown, of the wrong type, or out of range.
 */
export function parseConfiguration(values: ParameterValues, defaults: ParameterValues = {}): TrainingConfiguration {
  const budgets = ["epochs", "steps", "seconds"];
  const hasBudget = budgets.some((name) => name in values);
  const used = Object.entries(defaults).filter(([name]) => !(hasBudget && budgets.includes(name)));
  const result = schema.safeParse({ ...Object.fromEntries(used), ...values });
  if (!result.success) throw new ParameterError(problemsOf(result.error, Object.keys(shape)));
  const p = result.data;
  return {
    optimizer: p.optimizer,
    learningRate: p.learning_rate,
    momentum: p.momentum,
    weightDecay: p.weight_decay,
    schedule:
      p.schedule === "step"
        ? { kind: "step", factor: p.schedule_factor, drops: p.schedule_drops }
        : { kind: p.schedule },
    warmup: p.warmup,
    batchSize: p.batch_size,
    dropout: p.dropout,
    augmentation: p.augmentation,
    labelSmoothing: p.label_smoothing,
    width: p.width,
    superBatch: p.super_batch ?? 3 * p.batch_size,
    score: p.score,
    tauThreshold: p.tau_threshold,
    prefetch: p.prefetch,
    dataShare: p.data_share,
    resolution: p.resolution,
    budget: budgetOf(p),
    evaluationEpochs: p.evaluation_epochs,
    validationExamples: p.validation_examples,
    diverged: p.diverged,
  };
}

function budgetOf({ epochs, steps, seconds }: z.output<typeof schema>): Budget {
  if (steps !== undefined) return { kind: "steps", steps };
  if (seconds !== undefined) return { kind: "seconds", seconds };
  return { kind: "epochs", epochs: epochs ?? 10 };
}

/** One problem per parameter at fault; unknown names are told what is known. */
export function problemsOf(error: z.ZodError, known: readonly string[]): ParameterProblem[] {
  return error.issues.flatMap((issue): ParameterProblem[] => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((parameter) => ({ parameter, message: `is not known; known are ${known.join(", ")}` }));
    }
    return [{ parameter: issue.path.join("."), message: issue.message }];
  });
}
