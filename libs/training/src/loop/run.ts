import { setImmediate } from "node:timers/promises";
import type { Sampler, TrainTask } from "@superbatch/is-sgd";
import { restoreRng } from "@superbatch/random";
import type { TrainingConfiguration } from "../configuration.ts";
import { scheduleFactor } from "../optimizer/schedule.ts";
import { abortable } from "./abortable.ts";
import { type Checkpoint, encodeCheckpoint, type RunState } from "./checkpoint.ts";
import { addCosts, type CostMeter, createCostMeter, noCost } from "./cost.ts";
import { type Evaluation, evaluate } from "./evaluate.ts";
import { allFinite, exampleScores } from "./example-scores.ts";
import { type ForwardPass, forwardChunk } from "./forward-pass.ts";
import type { Model } from "./model.ts";
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
  const memory = createBatchMemory(Math.max(batchSize, forwardChunk), data.inputShape);
  const pass = { model, reader: data.trainReader, memory, meter, signal };
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

  const tau = () => sampler.status()?.tau ?? 0;

  /** One gradient step. @returns scores of the mini-batch's examples, or undefined if the step diverged. */
  async function gradientStep({ indices, weights }: TrainTask): Promise<Float64Array | undefined> {
    const batch = memory(indices.length, 0);
    await meter.measure("data", () => {
      data.trainReader.read(resolve(training, indices), batch.inputs, batch.labels, augmentation);
    });
    const learningRate =
      configuration.learningRate *
      scheduleFactor(configuration.schedule, progress.after(state.step), configuration.warmup);
    const logits = await meter.measure("gradient", () => model.step(batch, weights, learningRate));
    state.step++;
    state.seen += indices.length;
    // A uniform mini-batch has weights of exactly 1.
    state.importanceSampling = weights.some((weight) => weight !== 1);
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
    const evaluation = await evaluate({ ...pass, phase: "evaluation" }, validation, classes);
    peakMemoryBytes = Math.max(peakMemoryBytes, process.memoryUsage.rss());
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
  async function saveCheckpoint(): Promise<void> {
    const token = sampler.token();
    if (!checkpoints || !token || clock() - savedAt < checkpoints.seconds) return;
    const checkpoint: Checkpoint = {
      run: state,
      model: await model.state(),
      augmentation: augmentation.state(),
      sampler: token,
      records: sampler.records(),
      elapsed: progress.elapsed(),
      cost: addCosts(resumedCost, meter.cost()),
    };
    await checkpoints.store.save(encodeCheckpoint(checkpoint, fingerprint));
    savedAt = clock();
  }

  return async () => {
    const resumedStep = state.step;
    let task = await meter.measure("data", () => abortable(sampler.next(), signal));
    for (;;) {
      signal.throwIfAborted();
      if (task.scores !== "none" && state.step > resumedStep) await saveCheckpoint();
      let scores: ArrayLike<number> | undefined;
      if (task.action === "score") {
        scores = await scoreSuperBatch({ ...pass, phase: "scoring" }, resolve(training, task.indices), scoring);
      } else {
        scores = await gradientStep(task);
        if (!scores) return finish("diverged");
        const done = progress.after(state.step) >= 1;
        const stopped = stopEarly?.aborted ?? false;
        if (done || stopped || state.step % evaluationSteps === 0) {
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
