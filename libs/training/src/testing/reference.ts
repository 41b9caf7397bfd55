// `node reference.ts`: what another implementation of this trainer must agree with, as JSON on standard output. The tests of clients/python compare
// their PyTorch trainer with it: random numbers, splits, batches, initial weights, logits, losses, scores, a gradient step, and a whole run.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng, type Rng } from "@superbatch/random";
import { architectureByName } from "../architecture/registry.ts";
import { openBackend } from "../backend/index.ts";
import { configurationParameters, type ParameterValues, parseConfiguration } from "../configuration.ts";
import type { Dataset, Split } from "../dataset/dataset.ts";
import { readDigits } from "../dataset/digits.ts";
import { exampleScores } from "../loop/example-scores.ts";
import { createModel, type ModelState } from "../loop/model.ts";
import { createBatchMemory, prepareRunData } from "../loop/run-data.ts";
import { train } from "../loop/train.ts";
import { scheduleFactor } from "../optimizer/schedule.ts";

const encode = ({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString("base64");

/** Colored images that may be mirrored; the classes follow the brightness of the first pixels. */
function colored(): Dataset {
  const rng = createRng("colored");
  const make = (size: number): Split => {
    const inputs = Uint8Array.from({ length: size * 9 * 9 * 3 }, () => rng.uint32() % 256);
    return { size, inputs, labels: Uint8Array.from({ length: size }, (_, i) => i % 4) };
  };
  const [train, test] = [make(120), make(20)];
  return { name: "colored", inputShape: [9, 9, 3], classes: 4, train, test, flippable: true, checksum: "" };
}

function randomNumbers() {
  const rng = createRng("seed 1").fork("child");
  const uint32s = Array.from({ length: 5 }, () => rng.uint32());
  const uniforms = Array.from({ length: 5 }, () => rng.uniform());
  const normals = Array.from({ length: 200 }, () => rng.normal());
  const integers = Array.from({ length: 20 }, () => rng.integer(1000));
  return { uint32s, uniforms, normals, integers, state: rng.state() };
}

/** Which examples train and validate, and batches of them. */
function batches(dataset: Dataset, values: ParameterValues) {
  const data = prepareRunData(dataset, parseConfiguration(values));
  const memory = createBatchMemory(32, data.inputShape);
  const read = (rng?: Rng) => {
    const { inputs, labels } = memory(32);
    data.trainReader.read(data.training.subarray(0, 32), inputs, labels, rng);
    return { inputs: encode(inputs), labels: [...labels] };
  };
  const { training, validation, inputShape } = data;
  const varied = read(createRng("augmentation"));
  return {
    values,
    training: encode(training),
    validation: encode(validation),
    inputShape,
    plain: read(),
    varied,
  };
}

/** Three gradient steps, the first uniform, the second weighted, the third on a part of the batch that was scored before; then a forward pass. */
async function steps(dataset: Dataset, architecture: string, values: ParameterValues) {
  const configuration = parseConfiguration(values);
  const data = prepareRunData(dataset, configuration);
  const batch = createBatchMemory(32, data.inputShape)(32);
  data.trainReader.read(data.training.subarray(0, 32), batch.inputs, batch.labels);
  const model = createModel({
    architecture: architectureByName(architecture),
    shape: { inputShape: data.inputShape, classes: data.classes, width: configuration.width },
    optimizer: { ...configuration, kind: configuration.optimizer },
    dropout: 0,
    labelSmoothing: configuration.labelSmoothing,
    rng: createRng(7).fork("model"),
  });
  const tensors = ({ tensors: all }: ModelState) => all.map(({ name, values: v }) => ({ name, values: encode(v) }));
  const initial = tensors(await model.state());
  const weights = Float32Array.from({ length: 32 }, (_, i) => (0.25 + (i % 5)) / 2.25);
  const logits = await model.step(batch, new Float32Array(32).fill(1), 0.05);
  const { losses, upperBounds } = exampleScores(logits, batch.labels, 32, data.classes, configuration.labelSmoothing);
  await model.step(batch, weights, 0.02);
  const scored = [await model.scoringLogits(batch, true), await model.scoringLogits({ ...batch, size: 7 }, false)];
  await model.step({ ...batch, size: 16 }, weights.subarray(0, 16), 0.02, true);
  const after = tensors(await model.state());
  const evaluated = await model.logits(batch);
  const norms = await model.gradientNorms({ ...batch, size: 3 });
  model.dispose();
  return {
    architecture,
    dataset: dataset.name,
    values,
    initial,
    logits: encode(logits),
    losses: [...losses],
    upperBounds: [...upperBounds],
    weights: encode(weights),
    scored: scored.map(encode),
    after,
    evaluated: encode(evaluated),
    norms: [...norms],
  };
}

/** The learning curve of a run whose sampler draws as the service's does. */
async function run(dataset: Dataset, values: ParameterValues, seed: number) {
  const { curve, importanceSteps } = await train(parseConfiguration(values), {
    dataset,
    architecture: architectureByName("small_cnn"),
    sampler: createLocalSampler,
    rng: createRng(seed),
    clock: () => 0,
  });
  return { values, seed, importanceSteps, curve };
}

await openBackend("wasm");
const digits = await readDigits();
const images = colored();
const narrow = { width: 0.25, optimizer: "nesterov" };
const schedules = [
  { schedule: "step", schedule_factor: 0.2, schedule_drops: 3 },
  { schedule: "cosine", warmup: 0.25 },
  { schedule: "constant" },
];
const reference = {
  random: randomNumbers(),
  parameters: configurationParameters(),
  schedules: schedules.map((values) => {
    const { schedule, warmup } = parseConfiguration(values);
    return { values, factors: Array.from({ length: 21 }, (_, i) => scheduleFactor(schedule, i / 20, warmup)) };
  }),
  digits: { checksum: digits.checksum, ...batches(digits, { data_share: 0.5, augmentation: 1 }) },
  colored: batches(images, { data_share: 0.6, augmentation: 1.3, resolution: 7, validation_examples: 30 }),
  steps: [
    await steps(digits, "mlp", { ...narrow, optimizer: "adam", weight_decay: 0.01 }),
    await steps(digits, "small_cnn", { ...narrow, label_smoothing: 0.1 }),
    await steps(images, "small_cnn", { ...narrow, optimizer: "sgd", width: 0.2 }),
    await steps(images, "resnet8", narrow),
    await steps(images, "wrn_10_1", narrow),
  ],
  run: await run(
    digits,
    {
      width: 0.25,
      steps: 40,
      evaluation_epochs: 0.2,
      batch_size: 32,
      super_batch: 96,
      tau_threshold: 0.8,
      augmentation: 1,
    },
    11,
  ),
};
process.stdout.write(JSON.stringify(reference));
