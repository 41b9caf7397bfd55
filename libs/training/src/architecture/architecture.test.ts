import { createRng } from "@superbatch/random";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { openBackend } from "../backend/index.ts";
import type { InputShape } from "../dataset/dataset.ts";
import { dropout } from "./layer.ts";
import { createParameters, type Parameters } from "./parameters.ts";
import { architectureByName } from "./registry.ts";

beforeAll(() => openBackend("wasm"));

function parametersOf(name: string, inputShape: InputShape, width = 1, seed = 1): Parameters {
  const architecture = architectureByName(name);
  return createParameters(createRng(seed), (builder) => architecture.init(builder, { inputShape, classes: 10, width }));
}

function images(n: number, [height, width, channels]: InputShape): tf.Tensor4D {
  const rng = createRng("images");
  const values = Float32Array.from({ length: n * height * width * channels }, () => rng.normal());
  return tf.tensor4d(values, [n, height, width, channels]);
}

describe("published sizes", () => {
  // He et al. 2016, table 6: 0.27 M, 0.46 M, 0.85 M parameters; Zagoruyko & Komodakis 2016, table 4: WRN-16-4 2.8 M.
  it.each([
    ["resnet8", 78_000],
    ["resnet20", 270_000],
    ["resnet32", 460_000],
    ["resnet56", 850_000],
    ["wrn_16_4", 2_800_000],
  ])("%s has about %d parameters", (name, expected) => {
    const parameters = parametersOf(name, [32, 32, 3]);
    expect(Math.abs(parameters.count / expected - 1)).toBeLessThan(0.04);
    parameters.dispose();
  });
});

describe.each(["mlp", "small_cnn", "resnet8", "wrn_10_1"])("%s", (name) => {
  const architecture = architectureByName(name);

  it.each<[InputShape, number]>([
    [[8, 8, 1], 1],
    [[9, 7, 2], 0.5],
    [[1, 1, 6], 0.25],
  ])("maps images of %j at width %d to logits, in training and out of it, without a leak", (shape, width) => {
    const parameters = parametersOf(name, shape, width);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const x = images(3, shape);
      const training = architecture.forward(parameters, x, { training: true, dropout: 0.2, rng: createRng(2) });
      expect(training.shape).toEqual([3, 10]);
      expect(architecture.forward(parameters, x, { training: false }).shape).toEqual([3, 10]);
    });
    expect(tf.memory().numTensors).toBe(before);
    parameters.dispose();
  });

  it("gives equal seeds equal weights, and others others", async () => {
    const first = (parameters: Parameters) => parameters.trainable[0].value.data();
    const [a, b, c] = [1, 1, 2].map((seed) => parametersOf(name, [8, 8, 1], 1, seed));
    expect(await first(a)).toEqual(await first(b));
    expect(await first(a)).not.toEqual(await first(c));
    for (const parameters of [a, b, c]) parameters.dispose();
  });

  it("scores an example the same whatever else is in the batch", async () => {
    const parameters = parametersOf(name, [8, 8, 1]);
    const x = images(5, [8, 8, 1]);
    const all = architecture.forward(parameters, x, { training: false });
    const alone = architecture.forward(parameters, tf.slice(x, [2, 0, 0, 0], [1, -1, -1, -1]), { training: false });
    const [expected, actual] = [(await all.data()).slice(20, 30), await alone.data()];
    for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i], 4);
    tf.dispose([x, all, alone]);
    parameters.dispose();
  });
});

it("initializes filters with He's variance 2 / (9 · inputs)", async () => {
  const parameters = parametersOf("resnet20", [32, 32, 3]);
  const values = (await parameters.get("stage3/block2/conv1").data()) as Float32Array;
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(variance / (2 / (9 * 64))).toBeCloseTo(1, 1);
  parameters.dispose();
});

it("training moves batch norm's statistics, scoring does not", async () => {
  const architecture = architectureByName("small_cnn");
  const parameters = parametersOf("small_cnn", [8, 8, 1]);
  const mean = async () => [...(await parameters.get("conv1/norm/mean").data())];
  const x = images(4, [8, 8, 1]);
  tf.tidy(() => architecture.forward(parameters, x, { training: false }));
  expect((await mean()).every((value) => value === 0)).toBe(true);
  tf.tidy(() => architecture.forward(parameters, x, { training: true, dropout: 0, rng: createRng(0) }));
  expect((await mean()).some((value) => value !== 0)).toBe(true);
  x.dispose();
  parameters.dispose();
});

it("dropout keeps the mean", async () => {
  const x = tf.ones([100, 100]);
  const dropped = dropout(x, { training: true, dropout: 0.3, rng: createRng("dropout") });
  const values = [...new Set(await dropped.data())].sort();
  expect(values[0]).toBe(0);
  expect(values[1]).toBeCloseTo(1 / 0.7, 5);
  expect((await tf.mean(dropped).data())[0]).toBeCloseTo(1, 1);
  expect(dropout(x, { training: false })).toBe(x);
  tf.dispose([x, dropped]);
});

it.each(["lenet", "resnet9", "resnet", "wrn_11_2", "wrn_16_0", ""])("refuses the name %j", (name) => {
  expect(() => architectureByName(name)).toThrow(RangeError);
});

it("refuses two parameters of one name", () => {
  const twice = () =>
    createParameters(createRng(0), (builder) => {
      builder.filter("a", 3, 1, 1);
      builder.filter("a", 3, 1, 1);
    });
  expect(twice).toThrow(/two parameters are named a/);
});
