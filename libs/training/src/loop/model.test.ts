import { createRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Architecture } from "../architecture/architecture.ts";
import { smallCnn } from "../architecture/small-cnn.ts";
import { openBackend } from "../backend/index.ts";
import { exampleScores } from "./example-scores.ts";
import { type Batch, createModel, type Model } from "./model.ts";
import { linear } from "./testing.ts";

beforeAll(() => openBackend("wasm"));

let before: number;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

function modelOf(architecture: Architecture, side: number, labelSmoothing = 0): Model {
  return createModel({
    architecture,
    shape: { inputShape: [side, side, 1], classes: 3, width: 0.25 },
    // One step of plain gradient descent at rate 1 changes each parameter by its gradient.
    optimizer: { kind: "sgd", momentum: 0, weightDecay: 0 },
    dropout: 0,
    labelSmoothing,
    rng: createRng("model"),
  });
}

function batchOf(size: number, side: number): Batch {
  const rng = createRng("batch");
  return {
    size,
    inputs: Float32Array.from({ length: size * side * side }, () => rng.normal()),
    labels: Int32Array.from({ length: size }, () => rng.integer(3)),
  };
}

/** One example of a batch as a batch. */
function exampleOf({ inputs, labels }: Batch, i: number, pixels: number): Batch {
  return { size: 1, inputs: inputs.slice(i * pixels, (i + 1) * pixels), labels: labels.slice(i, i + 1) };
}

async function values(model: Model): Promise<Float64Array> {
  const parts = await Promise.all(model.parameters.trainable.map(({ value }) => value.data()));
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** The gradient of (1/m) Σ weight · loss, by a step at rate 1 of a model of the same seed. */
async function gradient(
  architecture: Architecture,
  side: number,
  batch: Batch,
  weights: ArrayLike<number>,
): Promise<Float64Array> {
  const model = modelOf(architecture, side);
  const start = await values(model);
  await model.step(batch, weights, 1);
  const end = await values(model);
  model.dispose();
  return start.map((value, i) => value - end[i]);
}

describe("weights", () => {
  it("enter the loss as (1/m) Σ weight · loss", async () => {
    const batch = batchOf(4, 2);
    const weights = [0.5, 2, 0, 3];
    const weighted = await gradient(linear, 2, batch, weights);
    const expected = new Float64Array(weighted.length);
    for (const [i, weight] of weights.entries()) {
      const own = await gradient(linear, 2, exampleOf(batch, i, 4), [1]);
      for (const [k, value] of own.entries()) expected[k] += (weight * value) / 4;
    }
    for (const [k, value] of weighted.entries()) expect(value).toBeCloseTo(expected[k], 5);
  });
});

describe("batch norm of an importance-sampled batch", () => {
  /** The first layer's statistics: those that are kept for evaluation, and those of the super-batch. */
  const statistics = async (model: Model) => {
    const read = (name: string) => model.parameters.get(`conv1/norm/${name}`).data();
    return {
      moving: Array.from(await read("mean")),
      superBatch: Array.from(await read("superBatchMean")),
    };
  };
  const part = (batch: Batch, size: number): Batch => ({ ...batch, size });

  it("is that of the super-batch that was scored last, whatever batch was drawn from it", async () => {
    const model = modelOf(smallCnn, 8);
    const superBatch = batchOf(24, 8);
    const scored = await model.scoringLogits(superBatch, true);
    const measured = await statistics(model);
    expect(measured.moving.map((value) => value / 0.1)).toEqual(measured.superBatch.map((v) => expect.closeTo(v, 5)));
    // Later chunks, and the step itself, see each example as the first chunk did.
    const rest = await model.scoringLogits(part(superBatch, 5), false);
    for (const [k, value] of rest.entries()) expect(value).toBeCloseTo(scored[k], 4);
    const stepped = await model.step(part(superBatch, 5), [2, 0.5, 1, 1, 3], 0.01, true);
    for (const [k, value] of stepped.entries()) expect(value).toBeCloseTo(scored[k], 4);
    // They leave the statistics as they are; a step of another kind does not.
    expect(await statistics(model)).toEqual(measured);
    await model.step(part(superBatch, 5), [1, 1, 1, 1, 1], 0.01);
    const after = await statistics(model);
    expect(after.superBatch).toEqual(measured.superBatch);
    expect(after.moving).not.toEqual(measured.moving);
    model.dispose();
  });

  it("is kept by the state, so that a run goes on as it was", async () => {
    const [model, other] = [modelOf(smallCnn, 8), modelOf(smallCnn, 8)];
    const batch = batchOf(24, 8);
    await model.scoringLogits(batch, true);
    other.restore(await model.state());
    const logits = await Promise.all(
      [model, other].map((each) => each.step(part(batch, 5), [2, 1, 1, 1, 1], 0.1, true)),
    );
    expect(logits[1]).toEqual(logits[0]);
    for (const each of [model, other]) each.dispose();
  });
});

describe("gradientNorms", () => {
  it("are the upper bound times √(‖x‖² + 1) for logits that are linear in x", async () => {
    const batch = batchOf(5, 2);
    const model = modelOf(linear, 2, 0.1);
    const norms = await model.gradientNorms(batch);
    const { upperBounds } = exampleScores(await model.logits(batch), batch.labels, 5, 3, 0.1);
    for (let i = 0; i < 5; i++) {
      const x = batch.inputs.subarray(4 * i, 4 * i + 4);
      expect(norms[i]).toBeCloseTo(upperBounds[i] * Math.sqrt(x.reduce((sum, value) => sum + value * value, 1)), 4);
    }
    model.dispose();
  });
});

it("a step returns the logits from before the update", async () => {
  const batch = batchOf(5, 2);
  const model = modelOf(linear, 2);
  const expected = await model.logits(batch);
  const actual = await model.step(batch, [1, 1, 1, 1, 1], 0.5);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 5);
  model.dispose();
});
