import { setImmediate } from "node:timers/promises";
import type { Sampler, Task } from "@superbatch/is-sgd";
import { restoreRng } from "@superbatch/random";
import type { TrainingConfiguration } from "../configuration.ts";
import { scheduleFactor } from "../optimizer/schedule.ts";
import { abortable } from "./abortable.ts";
import { type Checkpoint, encodeCheckpoint, type RunState } from "./checkpoint.ts";
import { addCosts, type CostMeter, createCostMeter, noCost } from "./cost.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { allFinite, exampleScores } from "./example-scores.ts";
import { type ForwardPass, forwardChunk, readChunk } from "./forward-pass.ts";
import type { Batch, Model } from "./model.ts";
import { createProgress } from "./progress.ts";
import type { LearningCurvePoint, TrainResult } from "./result.ts";
import { createBatchMemory, type RunData } from "./run-data.ts";
import { scoreSuperBatch, scoresOf } from "./score.ts";
import type { TrainOptions } from "./train.ts";

/** A loss this many times that of guessing is an explosion: no further training brings it back within a budget. */
const EXPLOSION = 1000;

/** What {@link train} has prepared for a run. */
export interface RunParts {
  readonly configuration: TrainingConfiguration;
  readonly options: TrainOptions;
  readonly meter: CostMeter;
  readonly data: RunData;
  /** b in use. */
  readonly batchSize: number;
  readonly model: Model;
  readonly sampler: Sampler;
  /** Of the run, for its checkpoints. */
  readonly fingerprint: string;
  /** Where an earlier attempt was; model and sampler are there already. */
  readonly resumed: Checkpoint | undefined;
}

/** The examples of a task that are passed through the network first: all of a mini-batch, a super-batch's first chunk. */
interface Reading {
  readonly task: Task;
  /** Examples of the split, all that the task names. */
  readonly indices: Uint32Array;
  readonly first: Batch;
  /** State of the augmentation before they were read. */
  readonly augmentation: string;
}

export type RunResult = Omit<TrainResult, "examples" | "batchSize" | "superBatch" | "parameters" | "energyJoules">;

/** The steps of a run, from its first task to its result. */
export function createRun(parts: RunParts): () => Promise<RunResult> {
  const { configuration, options, meter, data, batchSize, model, sampler, fingerprint, resumed } = parts;
  const { clock, onProgress, onStep, stopEarly, checkpoints } = options;
  const signal = options.signal ?? new AbortController().signal;
  const { classes, training, validation } = data;
  const examples = training.length;
  const augmentation = resumed ? restoreRng(resumed.augmentation) : options.rng.fork("augmentation");
  const scoring = { kind: configuration.score, classes, labelSmoothing: configuration.labelSmoothing };
  const reader = data.trainReader;
  const memory = createBatchMemory(Math.max(batchSize, forwardChunk), data.inputShape);
  // An evaluation comes between the reading of a batch and its step.
  const evaluationMemory = createBatchMemory(forwardChunk, data.inputShape);
  const pass = { model, reader, memory, meter, signal };
  const explosion = EXPLOSION * Math.log(classes);
  const progress = createProgress({
    budget: configuration.budget,
    examples,
    batchSize,
    clock,
    earlier: resumed?.elapsed ?? 0,
  });
  const evaluationSteps = Math.max(1, Math.round((configuration.evaluationEpochs * examples) / batchSize));

  const resumedCost = resumed?.cost ?? noCost;
  const state: RunState = resumed?.run ?? {
    step: 0,
    importanceSteps: 0,
    importanceSampling: false,
    seen: 0,
    lossSum: 0,
    lossSteps: 0,
    curve: [],
  };
  let savedAt = clock();
  let peakMemoryBytes = process.memoryUsage.rss();

  let ahead: Reading | undefined;

  const tau = () => sampler.status()?.tau ?? 0;

  /** Reads what a task begins with. */
  function read(task: Task): Reading {
    const indices = Uint32Array.from(task.indices, (number) => training[number]);
    const before = augmentation.state();
    if (task.action === "score") return { task, indices, first: readChunk(pass, indices, 0), augmentation: before };
    const first = memory(indices.length);
    reader.read(indices, first.inputs, first.labels, augmentation);
    return { task, indices, first, augmentation: before };
  }

  /** One gradient step. @returns scores of the mini-batch's examples, or undefined if the step diverged. */
  async function gradientStep(batch: Batch, weights: Float32Array): Promise<Float64Array | undefined> {
    const learningRate =
      configuration.learningRate *
      scheduleFactor(configuration.schedule, progress.after(state.step), configuration.warmup);
    // In an object, so that it is not waited for yet. A processor has done the work by then, a GPU goes on while the next examples are read.
    // A uniform mini-batch has weights of exactly 1. Where scores are remembered losses no super-batch was passed through the network.
    const byImportance = weights.some((weight) => weight !== 1);
    const fromSuperBatch = byImportance && configuration.score !== "loss_history";
    const { stepped } = await meter.measure("gradient", () => ({
      stepped: model.step(batch, weights, learningRate, fromSuperBatch),
    }));
    stepped.catch(() => {});
    const upcoming = sampler.upcoming();
    if (upcoming) ahead = await meter.measure("data", () => read(upcoming));
    const logits = await meter.measure("gradient", () => stepped);
    state.step++;
    state.seen += batch.size;
    state.importanceSampling = byImportance;
    if (state.importanceSampling) state.importanceSteps++;
    const { losses } = exampleScores(logits, batch.labels, batch.size, classes, configuration.labelSmoothing);
    const loss = losses.reduce((sum, value, i) => sum + value * weights[i], 0) / batch.size;
    if (!allFinite(logits) || !(loss <= explosion)) return undefined;
    state.lossSum += loss;
    state.lossSteps++;
    const { step, importanceSampling } = state;
    onStep?.({
      step,
      epoch: state.seen / examples,
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
    const evaluation = await evaluate({ ...pass, memory: evaluationMemory, phase: "evaluation" }, validation, classes);
    // Often enough that its counters do not wrap around unseen.
    options.energy?.joules();
    if (!Number.isFinite(evaluation.loss)) return false;
    const { step, importanceSampling, importanceSteps, lossSum, lossSteps } = state;
    const point: LearningCurvePoint = {
      step,
      epoch: state.seen / examples,
      trainLoss: lossSteps > 0 ? lossSum / lossSteps : evaluation.loss,
      validationError: evaluation.error,
      validationLoss: evaluation.loss,
      tau: tau(),
      importanceSampling,
      importanceSteps,
      cost: meter.cost(),
    };
    state.lossSum = 0;
    state.lossSteps = 0;
    state.curve.push(point);
    onProgress?.(point);
    return true;
  }

  async function finish(ending: TrainResult["ending"]): Promise<RunResult> {
    const cost = meter.cost();
    const last = state.curve.at(-1);
    const test = ending !== "diverged" && options.reportTestError ? await testEvaluation() : undefined;
    return {
      ending,
      diverged: ending === "diverged",
      validationError: last?.validationError ?? 1 - 1 / classes,
      validationLoss: last?.validationLoss ?? Math.log(classes),
      ...(test ? { testError: test.error } : {}),
      steps: state.step,
      importanceSteps: state.importanceSteps,
      epochs: state.seen / examples,
      curve: state.curve,
      cost,
      resumedCost,
      resumedStep: resumed?.run.step ?? 0,
      peakMemoryBytes,
    };
  }

  /** Its time is reported nowhere: it is not part of what a trial costs. */
  function testEvaluation(): Promise<Evaluation> {
    const uncounted: ForwardPass = {
      ...pass,
      memory: evaluationMemory,
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

  /** Called while a task is at hand whose report the sampler waits for: its token then leads to this very task. */
  async function saveCheckpoint(from: string): Promise<void> {
    const token = sampler.token();
    if (!checkpoints || !token || clock() - savedAt < checkpoints.seconds) return;
    const checkpoint: Checkpoint = {
      run: state,
      model: await model.state(),
      augmentation: from,
      sampler: token,
      records: sampler.records(),
      elapsed: progress.elapsed(),
      cost: addCosts(resumedCost, meter.cost()),
    };
    await checkpoints.store.save(encodeCheckpoint(checkpoint, fingerprint));
    savedAt = clock();
  }

  /** The next task, with its first examples: read already while the last step ran, if it was known then. */
  async function advance(phase: "scoring" | "data", report?: ArrayLike<number>): Promise<Reading> {
    const task = await meter.measure(phase, () => abortable(sampler.next(report), signal));
    const known = ahead;
    ahead = undefined;
    return known?.task === task ? known : meter.measure("data", () => read(task));
  }

  return async () => {
    const resumedStep = state.step;
    let reading = await advance("data");
    for (;;) {
      const { task, indices, first } = reading;
      signal.throwIfAborted();
      if (task.scores !== "none" && state.step > resumedStep) await saveCheckpoint(reading.augmentation);
      let scores: ArrayLike<number> | undefined;
      if (task.action === "score") {
        scores = await scoreSuperBatch({ ...pass, phase: "scoring" }, indices, scoring, first);
      } else {
        scores = await gradientStep(first, task.weights);
        if (!scores) return finish("diverged");
        const done = progress.after(state.step) >= 1;
        const stopped = stopEarly?.aborted ?? false;
        if (done || stopped || state.step % evaluationSteps === 0) {
          if (!(await evaluateNow())) return finish("diverged");
        }
        if (done || stopped) return finish(done ? "finished" : "stopped_early");
      }
      peakMemoryBytes = Math.max(peakMemoryBytes, process.memoryUsage.rss());
      // Weights that are finite can still overflow in the next forward pass.
      if (!allFinite(scores)) return finish("diverged");
      const report = task.scores === "none" ? undefined : scores;
      reading = await advance(task.action === "score" ? "scoring" : "data", report);
      await setImmediate();
    }
  };
}
