import { createLocalSampler, type Sampler, type SessionSpec } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mlp } from "../architecture/mlp.ts";
import { openBackend } from "../backend/index.ts";
import { type ParameterValues, parseConfiguration } from "../configuration.ts";
import type { LearningCurvePoint, TrainResult } from "./result.ts";
import { quadrants, tickingClock } from "./testing.ts";
import { type TrainOptions, train } from "./train.ts";

beforeAll(() => openBackend("wasm"));

let before: number;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const dataset = quadrants();

function run(values: ParameterValues, options: Partial<TrainOptions> = {}): Promise<TrainResult> {
  const configuration = parseConfiguration(values, { batch_size: 20, epochs: 4, width: 0.25 });
  return train(configuration, {
    dataset,
    architecture: mlp,
    sampler: createLocalSampler,
    rng: createRng("run"),
    clock: tickingClock(),
    ...options,
  });
}

/** A local sampler that tells whether it was closed. */
function observedSampler(): { open: (spec: SessionSpec) => Sampler; specs: SessionSpec[]; closed: () => number } {
  const specs: SessionSpec[] = [];
  let closed = 0;
  return {
    specs,
    closed: () => closed,
    open(spec) {
      specs.push(spec);
      const sampler = createLocalSampler(spec);
      return { ...sampler, close: async () => void closed++ };
    },
  };
}

describe("a run", () => {
  it("learns, and reports a point per epoch", async () => {
    const points: LearningCurvePoint[] = [];
    const result = await run({}, { onProgress: (point) => points.push(point), reportTestError: true });
    expect(result).toMatchObject({ ending: "finished", diverged: false, steps: 60, examples: 300, epochs: 4 });
    expect(result.validationError).toBeLessThan(0.05);
    expect(result.testError).toBeLessThan(0.05);
    expect(points.map(({ step }) => step)).toEqual([15, 30, 45, 60]);
    expect(result.curve).toEqual(points);
    expect(points.at(-1)!.trainLoss).toBeLessThan(points[0].trainLoss);
  });

  it("is the same at the same seed, and another at another", async () => {
    const [first, again, other] = [await run({}), await run({}), await run({}, { rng: createRng("other") })];
    expect(again).toEqual({ ...first, peakMemoryBytes: again.peakMemoryBytes });
    expect(other.validationLoss).not.toBe(first.validationLoss);
  });

  it("attributes its cost to phases", async () => {
    const { cost } = await run({ super_batch: 100, tau_threshold: 0 });
    const { total, scoring, gradient, evaluation, data } = cost;
    expect(Math.min(scoring, gradient, evaluation, data)).toBeGreaterThan(0);
    expect(scoring + gradient + evaluation + data).toBeLessThanOrEqual(total);
  });

  it("tells the energy that was used meanwhile, where it can be measured", async () => {
    let joules = 100;
    const energy = { source: "test", joules: () => ++joules, close() {} };
    const result = await run({}, { energy });
    expect(result.energyJoules).toBe(joules - 101);
    expect((await run({})).energyJoules).toBeUndefined();
  });

  it("lets the event loop run between steps", async () => {
    let turns = 0;
    let over = false;
    const count = () => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    const { steps } = await run({});
    over = true;
    expect(turns).toBeGreaterThanOrEqual(steps);
  });

  it.each(["sgd", "nesterov", "adam"])(
    "learns with %s, dropout, augmentation and label smoothing",
    async (optimizer) => {
      const learning_rate = optimizer === "adam" ? 0.01 : 0.05;
      const result = await run({
        optimizer,
        learning_rate,
        dropout: 0.1,
        augmentation: 0.1,
        label_smoothing: 0.1,
        schedule: "step",
      });
      expect(result.validationError).toBeLessThan(0.1);
    },
  );
});

describe("budgets", () => {
  it("in steps", async () => {
    expect((await run({ steps: 7 })).steps).toBe(7);
  });

  it("in fractions of an epoch", async () => {
    expect((await run({ epochs: 0.4 })).steps).toBe(6);
  });

  it("in seconds of the clock", async () => {
    const configuration = parseConfiguration({ seconds: 1, batch_size: 20, width: 0.25 });
    const options = { dataset, architecture: mlp, sampler: createLocalSampler, rng: createRng(1) };
    const short = await train(configuration, { ...options, clock: tickingClock(0.01) });
    const long = await train(configuration, { ...options, clock: tickingClock(0.005) });
    expect(short.ending).toBe("finished");
    expect(long.steps).toBeGreaterThan(1.5 * short.steps);
  });
});

describe("importance sampling", () => {
  it("switches on when τ passes the threshold", async () => {
    const result = await run({ super_batch: 60, epochs: 8 });
    const [first, last] = [result.curve[0], result.curve.at(-1)!];
    expect(first.importanceSampling).toBe(false);
    expect(last.importanceSampling).toBe(true);
    expect(result.importanceSteps).toBeGreaterThan(0);
    expect(result.importanceSteps).toBeLessThan(result.steps);
    expect(result.cost.scoring).toBeGreaterThan(0);
  });

  it("with B = b is uniform SGD at the same seed", async () => {
    const [importance, uniform] = [await run({ super_batch: 20 }), await run({ score: "uniform", super_batch: 60 })];
    const losses = ({ curve }: TrainResult) => curve.map(({ validationLoss }) => validationLoss);
    expect(losses(importance)).toEqual(losses(uniform));
    expect(importance.importanceSteps).toBe(0);
  });

  it.each(["loss", "gradient_norm", "loss_history"])("by %s learns too", async (score) => {
    const result = await run({ score, super_batch: 60, tau_threshold: 0, epochs: 3 });
    expect(result.validationError).toBeLessThan(0.1);
    expect(result.importanceSteps).toBeGreaterThan(0);
  });

  it("prefetched has the same uniform steps, and switches one step later", async () => {
    const firstImportance = async (prefetch: number) => {
      const steps: number[] = [];
      const onStep = ({ step, importanceSampling }: { step: number; importanceSampling: boolean }) => {
        if (importanceSampling) steps.push(step);
      };
      await run({ super_batch: 60, epochs: 8, prefetch }, { onStep });
      return steps[0];
    };
    const [published, prefetched] = [await firstImportance(0), await firstImportance(1)];
    expect(prefetched).toBe(published + 1);
  });

  it("limits b and B to what there is", async () => {
    const sampler = observedSampler();
    const result = await run({ data_share: 0.05, super_batch: 1000, batch_size: 40 }, { sampler: sampler.open });
    expect(result).toMatchObject({ examples: 15, batchSize: 15, superBatch: 15 });
    expect(sampler.specs[0]).toMatchObject({ examples: 15, batchSize: 15, superBatchSize: 15, scheme: "upper-bound" });
  });
});

describe("endings", () => {
  it("diverges instead of hanging: the error is that of guessing", async () => {
    const sampler = observedSampler();
    const result = await run({ learning_rate: 1e6, momentum: 0 }, { sampler: sampler.open });
    expect(result).toMatchObject({ ending: "diverged", diverged: true, validationError: 0.75 });
    expect(result.steps).toBeLessThan(15);
    expect(sampler.closed()).toBe(1);
  });

  it("stops between two steps when it is cancelled", async () => {
    const cancel = new AbortController();
    const sampler = observedSampler();
    let steps = 0;
    const onStep = () => {
      if (++steps === 5) cancel.abort(new Error("not wanted any more"));
    };
    await expect(run({}, { signal: cancel.signal, onStep, sampler: sampler.open })).rejects.toThrow(
      "not wanted any more",
    );
    expect(steps).toBe(5);
    expect(sampler.closed()).toBe(1);
  });

  it("stops waiting for a sampler that does not answer when it is cancelled", async () => {
    const cancel = new AbortController();
    const open = (spec: SessionSpec): Sampler => ({
      ...createLocalSampler(spec),
      next() {
        setImmediate(() => cancel.abort(new Error("not wanted any more")));
        return new Promise(() => {});
      },
    });
    await expect(run({}, { signal: cancel.signal, sampler: open })).rejects.toThrow("not wanted any more");
  });

  it("stops early with what it has reached", async () => {
    const stop = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 20 && stop.abort();
    const result = await run({}, { stopEarly: stop.signal, onStep });
    expect(result).toMatchObject({ ending: "stopped_early", steps: 20 });
    expect(result.curve.at(-1)!.step).toBe(20);
    expect(result.validationError).toBe(result.curve.at(-1)!.validationError);
  });

  it("passes on a sampler's failure and frees everything", async () => {
    const open = (spec: SessionSpec): Sampler => ({
      ...createLocalSampler(spec),
      next: () => Promise.reject(new Error("lost")),
    });
    await expect(run({}, { sampler: open })).rejects.toThrow("lost");
  });
});
