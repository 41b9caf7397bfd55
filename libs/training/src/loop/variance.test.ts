// What importance sampling promises, measured on a convolutional network that has learned a little.
import { drawPositions, importanceWeights, probabilities, varianceReduction } from "@superbatch/is-sgd";
import { createRng, type Rng } from "@superbatch/random";
import { beforeAll, describe, expect, it } from "vitest";
import type { Architecture } from "../architecture/architecture.ts";
import { smallCnn } from "../architecture/small-cnn.ts";
import { openBackend } from "../backend/index.ts";
import { exampleScores } from "./example-scores.ts";
import { type Batch, createModel, type Model, type ModelState } from "./model.ts";

const [side, classes, superBatch, b, draws] = [6, 3, 48, 8, 20_000];
const pixels = side * side;

/** Batch norm by its moving statistics also in training: then each example has a gradient of its own, and a batch's is their mean. */
const perExampleCnn: Architecture = {
  ...smallCnn,
  forward: (parameters, inputs) => smallCnn.forward(parameters, inputs, { training: false }),
};

function modelOf(state?: ModelState): Model {
  const model = createModel({
    architecture: perExampleCnn,
    shape: { inputShape: [side, side, 1], classes, width: 0.25 },
    // One step of plain gradient descent at rate 1 changes each parameter by its gradient.
    optimizer: { kind: "sgd", momentum: 0, weightDecay: 0 },
    dropout: 0,
    labelSmoothing: 0,
    rng: createRng("model"),
  });
  if (state) model.restore(state);
  return model;
}

/** Images whose class shows in one of three rows, some more clearly than others. */
function images(rng: Rng): Batch {
  const labels = Int32Array.from({ length: superBatch }, (_, i) => i % classes);
  const inputs = Float32Array.from({ length: superBatch * pixels }, () => rng.normal());
  for (let i = 0; i < superBatch; i++) {
    const contrast = rng.uniform() * 3;
    for (let x = 0; x < side; x++) inputs[i * pixels + 2 * labels[i] * side + x] += contrast;
  }
  return { size: superBatch, inputs, labels };
}

async function values(model: Model): Promise<Float64Array> {
  const parts = await Promise.all(model.parameters.trainable.map(({ value }) => value.data()));
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** The gradient of one example's loss, as one step takes it. */
async function gradientOf(state: ModelState, { inputs, labels }: Batch, i: number): Promise<Float64Array> {
  const model = modelOf(state);
  const start = await values(model);
  const example = { size: 1, inputs: inputs.slice(i * pixels, (i + 1) * pixels), labels: labels.slice(i, i + 1) };
  await model.step(example, [1], 1);
  const end = await values(model);
  model.dispose();
  return start.map((value, k) => value - end[k]);
}

const dot = (a: ArrayLike<number>, c: ArrayLike<number>): number => {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * c[k];
  return sum;
};

let norms: Float64Array;
let upperBounds: Float64Array;
/** Scalar products of all examples' gradients: the norm of any combination of them follows. */
let products: Float64Array[];

beforeAll(async () => {
  await openBackend("wasm");
  const batch = images(createRng("images"));
  const model = modelOf();
  const ones = new Float32Array(superBatch).fill(1);
  for (let step = 0; step < 150; step++) await model.step(batch, ones, 0.3);
  const state = await model.state();
  norms = await model.gradientNorms(batch);
  upperBounds = exampleScores(await model.logits(batch), batch.labels, superBatch, classes).upperBounds;
  model.dispose();
  const gradients: Float64Array[] = [];
  for (let i = 0; i < superBatch; i++) gradients.push(await gradientOf(state, batch, i));
  products = gradients.map((one) => Float64Array.from(gradients, (other) => dot(one, other)));
});

/** Mean and squared error of ‖estimate − mean gradient‖² over many mini-batches that are drawn by g. */
function measuredVariance(g: Float64Array, seed: string): { variance: number; error: number; bias: number } {
  const rng = createRng(seed);
  const weights = importanceWeights(
    g,
    g.map((_, i) => i),
  );
  const distances = new Float64Array(draws);
  const average = new Float64Array(superBatch);
  for (let draw = 0; draw < draws; draw++) {
    // The estimate minus the mean gradient, as coefficients of the examples' gradients.
    const coefficients = new Float64Array(superBatch).fill(-1 / superBatch);
    for (const i of drawPositions(g, b, rng)) coefficients[i] += weights[i] / b;
    distances[draw] = normOf(coefficients);
    for (let i = 0; i < superBatch; i++) average[i] += coefficients[i] / draws;
  }
  const variance = distances.reduce((sum, value) => sum + value, 0) / draws;
  const spread = distances.reduce((sum, value) => sum + (value - variance) ** 2, 0) / (draws - 1);
  return { variance, error: Math.sqrt(spread / draws), bias: normOf(average) };
}

/** Squared norm of Σ coefficient · gradient. */
function normOf(coefficients: Float64Array): number {
  return products.reduce((sum, row, i) => sum + coefficients[i] * dot(row, coefficients), 0);
}

it("exact norms are those of the gradients that steps take", () => {
  // A step's gradient is known from float32 parameters before and after it: to a part of the largest, not of each.
  const largest = Math.max(...norms);
  for (const [i, norm] of norms.entries())
    expect(Math.abs(norm - Math.sqrt(products[i][i]))).toBeLessThan(0.002 * largest);
});

describe("the weighted gradient of a trained network", () => {
  const uniform = new Float64Array(superBatch).fill(1 / superBatch);

  it.each(["exact norms", "upper bounds"])("by %s has the uniform one's mean", (kind) => {
    const g = probabilities(kind === "exact norms" ? norms : upperBounds);
    const { variance, bias } = measuredVariance(g, kind);
    // The squared distance of a mean of independent draws from its expectation has the expectation variance / draws.
    expect(bias).toBeLessThan((4 * variance) / draws);
  });

  it("by exact norms has the variance of a uniform mini-batch's less what τ claims", () => {
    const g = probabilities(norms);
    const tau = varianceReduction(g);
    expect(tau).toBeGreaterThan(1.3);
    const [plain, weighted] = [measuredVariance(uniform, "uniform"), measuredVariance(g, "weighted")];
    // Second moments are E‖∇‖² / b uniformly, and by exact norms smaller by the factor τ²; the squared mean is taken off both.
    const moment = products.reduce((sum, row, i) => sum + row[i], 0) / superBatch;
    const mean = normOf(uniform);
    expect(Math.abs(plain.variance - (moment - mean) / b)).toBeLessThan(4 * plain.error);
    expect(Math.abs(weighted.variance - (moment / tau ** 2 - mean) / b)).toBeLessThan(4 * weighted.error);
    expect(weighted.variance).toBeLessThan(plain.variance / tau ** 2);
  });

  it("by upper bounds has a lower variance than a uniform mini-batch's", () => {
    const plain = measuredVariance(uniform, "uniform");
    const weighted = measuredVariance(probabilities(upperBounds), "bounds");
    expect(weighted.variance + 4 * weighted.error).toBeLessThan(plain.variance - 4 * plain.error);
  });
});
