import { setImmediate } from "node:timers/promises";
import type { Sampler, SessionSpec, TrainTask } from "@superbatch/is-sgd";
import type { Rng } from "@superbatch/random";
import type { Architecture } from "../architecture/architecture.ts";
import type { Budget, TrainingConfiguration } from "../configuration.ts";
import type { Dataset } from "../dataset/dataset.ts";
import { scheduleFactor } from "../optimizer/schedule.ts";
import { abortable } from "./abortable.ts";
import { type Clock, type CostMeter, createCostMeter } from "./cost.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { allFinite, exampleScores } from "./example-scores.ts";
import { type ForwardPass, forwardChunk } from "./forward-pass.ts";
import { createModel, type Model } from "./model.ts";
import type { LearningCurvePoint, StepProgress, TrainResult } from "./result.ts";
import { createBatchMemory, prepareRunData, type RunData } from "./run-data.ts";
import { schemeOf, scoreSuperBatch, scoresOf } from "./score.ts";

/** Opens a sampler, in process or remote, for one run. The run closes it. */
export type SamplerFactory = (spec: SessionSpec) => Sampler | Promise<Sampler>;

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
}

/** A loss this many times that of guessing is an explosion: no further training brings it back within a budget. */
const EXPLOSION = 1000;

/**
 * Trains one network on the active TensorFlow.js backend by SGD on mini-batches that a sampler chooses and weights, and evaluates it on validation
 * examples that are set aside from the training split.
 *
 * Between steps the event loop runs, so that a process can answer while it trains.
 *
 * @throws {RangeError} if configuration, data and architecture do not fit together. @throws the signal's reason if it is aborted. Whatever the sampler rejects with.
 */
export async function train(configuration: TrainingConfiguration, options: TrainOptions): Promise<TrainResult> {
  const meter = createCostMeter(options.clock);
  const data = await meter.measure("data", () => prepareRunData(options.dataset, configuration));
  const examples = data.training.length;
  const batchSize = Math.min(configuration.batchSize, examples);
  const superBatch = Math.min(Math.max(configuration.superBatch, batchSize), examples);
  const model = createModel({
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
    const sampler = await options.sampler({
      examples,
      batchSize,
      superBatchSize: superBatch,
      scheme: schemeOf(configuration.score),
      ...(configuration.tauThreshold === undefined ? {} : { threshold: configuration.tauThreshold }),
      seed: options.rng.fork("sampler").uint32(),
    });
    const run = createRun({ configuration, options, meter, data, batchSize, model, sampler });
    try {
      return { ...(await run()), examples, batchSize, superBatch, parameters: model.parameters.count };
    } finally {
      await sampler.close();
    }
  } finally {
    model.dispose();
  }
}

interface RunParts {
  readonly configuration: TrainingConfiguration;
  readonly options: TrainOptions;
  readonly meter: CostMeter;
  readonly data: RunData;
  /** b in use. */
  readonly batchSize: number;
  readonly model: Model;
  readonly sampler: Sampler;
}

type RunResult = Omit<TrainResult, "examples" | "batchSize" | "superBatch" | "parameters">;

function createRun({
  configuration,
  options,
  meter,
  data,
  batchSize,
  model,
  sampler,
}: RunParts): () => Promise<RunResult> {
  const { clock, onProgress, onStep, stopEarly } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { classes, training, validation } = data;
  const examples = training.length;
  const augmentation = options.rng.fork("augmentation");
  const scoring = { kind: configuration.score, classes, labelSmoothing: configuration.labelSmoothing };
  const memory = createBatchMemory(Math.max(batchSize, forwardChunk), data.inputShape);
  const pass = { model, reader: data.trainReader, memory, meter, signal };
  const explosion = EXPLOSION * Math.log(classes);
  const progressOf = createProgress(configuration.budget, examples, batchSize, clock);
  const evaluationSteps = Math.max(1, Math.round((configuration.evaluationEpochs * examples) / batchSize));

  const curve: LearningCurvePoint[] = [];
  let step = 0;
  let importanceSampling = false;
  let importanceSteps = 0;
  let seen = 0;
  let lossSum = 0;
  let lossSteps = 0;
  let peakMemoryBytes = process.memoryUsage.rss();

  const tau = () => sampler.status()?.tau ?? 0;

  /** One gradient step. @returns scores of the mini-batch's examples, or undefined if the step diverged. */
  async function gradientStep({ indices, weights }: TrainTask): Promise<Float64Array | undefined> {
    const batch = memory(indices.length);
    await meter.measure("data", () => {
      data.trainReader.read(resolve(training, indices), batch.inputs, batch.labels, augmentation);
    });
    const learningRate =
      configuration.learningRate * scheduleFactor(configuration.schedule, progressOf(step), configuration.warmup);
    const logits = await meter.measure("gradient", () => model.step(batch, weights, learningRate));
    step++;
    seen += indices.length;
    // A uniform mini-batch has weights of exactly 1.
    importanceSampling = weights.some((weight) => weight !== 1);
    if (importanceSampling) importanceSteps++;
    const { losses } = exampleScores(logits, batch.labels, batch.size, classes, configuration.labelSmoothing);
    const loss = losses.reduce((sum, value, i) => sum + value * weights[i], 0) / batch.size;
    if (!allFinite(logits) || !(loss <= explosion)) return undefined;
    lossSum += loss;
    lossSteps++;
    onStep?.({
      step,
      epoch: seen / examples,
      loss,
      learningRate,
      tau: tau(),
      importanceSampling,
      cost: meter.cost(),
    });
    return scoresOf(logits, batch.labels, batch.size, scoring);
  }

  /** Adds a point to the curve. @returns false if the model has diverged. */
  async function evaluateNow(): Promise<boolean> {
    const evaluation = await evaluate({ ...pass, phase: "evaluation" }, validation, classes);
    peakMemoryBytes = Math.max(peakMemoryBytes, process.memoryUsage.rss());
    if (!Number.isFinite(evaluation.loss)) return false;
    const point: LearningCurvePoint = {
      step,
      epoch: seen / examples,
      trainLoss: lossSteps > 0 ? lossSum / lossSteps : evaluation.loss,
      validationError: evaluation.error,
      validationLoss: evaluation.loss,
      tau: tau(),
      importanceSampling,
      importanceSteps,
      cost: meter.cost(),
    };
    lossSum = 0;
    lossSteps = 0;
    curve.push(point);
    onProgress?.(point);
    return true;
  }

  async function finish(ending: TrainResult["ending"]): Promise<RunResult> {
    const cost = meter.cost();
    const last = curve.at(-1);
    const test = ending !== "diverged" && options.reportTestError ? await testEvaluation() : undefined;
    return {
      ending,
      diverged: ending === "diverged",
      validationError: last?.validationError ?? 1 - 1 / classes,
      validationLoss: last?.validationLoss ?? Math.log(classes),
      ...(test ? { testError: test.error } : {}),
      steps: step,
      importanceSteps,
      epochs: seen / examples,
      curve,
      cost,
      peakMemoryBytes,
    };
  }

  /** Its time is reported nowhere: it is not part of what a trial costs. */
  function testEvaluation(): Promise<Evaluation> {
    const uncounted: ForwardPass = {
      ...pass,
      reader: data.testReader,
      meter: createCostMeter(clock),
      phase: "evaluation",
    };
    return evaluate(
      uncounted,
      Uint32Array.from({ length: data.testSize }, (_, i) => i),
      classes,
    );
  }

  return async () => {
    let task = await meter.measure("data", () => abortable(sampler.next(), signal));
    for (;;) {
      signal.throwIfAborted();
      let scores: ArrayLike<number> | undefined;
      if (task.action === "score") {
        scores = await scoreSuperBatch({ ...pass, phase: "scoring" }, resolve(training, task.indices), scoring);
      } else {
        scores = await gradientStep(task);
        if (!scores) return finish("diverged");
        const done = progressOf(step) >= 1;
        const stopped = stopEarly?.aborted ?? false;
        if (done || stopped || step % evaluationSteps === 0) {
          if (!(await evaluateNow())) return finish("diverged");
        }
        if (done || stopped) return finish(done ? "finished" : "stopped_early");
      }
      // Weights that are finite can still overflow in the next forward pass.
      if (!allFinite(scores)) return finish("diverged");
      const report = task.scores === "none" ? undefined : scores;
      const waiting = task.action === "score" ? "scoring" : "data";
      task = await meter.measure(waiting, () => abortable(sampler.next(report), signal));
      await setImmediate();
    }
  };
}

/** Examples of the split from numbers of the run's examples. */
function resolve(training: Uint32Array, numbers: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(numbers, (number) => training[number]);
}

/** Share of the budget that is used after a number of steps, 1 at its end. Seconds count from this call. */
function createProgress(budget: Budget, examples: number, batchSize: number, clock: Clock): (step: number) => number {
  switch (budget.kind) {
    case "seconds": {
      const start = clock();
      return () => (clock() - start) / budget.seconds;
    }
    case "steps":
      return (step) => step / budget.steps;
    case "epochs": {
      const steps = Math.max(1, Math.ceil((budget.epochs * examples) / batchSize - 1e-9));
      return (step) => step / steps;
    }
  }
}
