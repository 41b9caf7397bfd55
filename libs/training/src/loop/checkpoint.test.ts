import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalSampler, FieldError } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mlp } from "../architecture/mlp.ts";
import { smallCnn } from "../architecture/small-cnn.ts";
import { openBackend } from "../backend/index.ts";
import { type ParameterValues, parseConfiguration } from "../configuration.ts";
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, fingerprintOf } from "./checkpoint.ts";
import { checkpointInFolder } from "./checkpoint-folder.ts";
import { quadrants, tickingClock } from "./testing.ts";
import { type TrainOptions, train } from "./train.ts";

let folder: string;
beforeAll(() => openBackend("wasm"));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true }));

const checkpoint: Checkpoint = {
  run: { step: 3, importanceSteps: 1, importanceSampling: true, seen: 60, lossSum: 2.5, lossSteps: 3, curve: [] },
  model: {
    tensors: [
      { name: "a", values: Float32Array.of(1, -2.5) },
      { name: "b", values: Float32Array.of(Number.MIN_VALUE, 1e30, 0) },
    ],
    optimizerSteps: 3,
    dropout: createRng(1).state(),
  },
  augmentation: createRng(2).state(),
  sampler: Uint8Array.of(9, 8, 7),
  elapsed: 4.5,
  cost: { total: 5, scoring: 1, gradient: 2, evaluation: 0.5, data: 0.25 },
  records: {
    indices: Uint32Array.of(0, 2 ** 31),
    losses: Float32Array.of(0.5, 2),
    steps: Uint32Array.of(3, 2 ** 32 - 1),
  },
};

describe("bytes", () => {
  it("hold everything", () => {
    const decoded = decodeCheckpoint(encodeCheckpoint(checkpoint, "f"), "f")!;
    expect({ ...decoded, sampler: Uint8Array.from(decoded.sampler) }).toEqual(checkpoint);
  });

  it("of a run without recorded losses have none", () => {
    const { records, ...without } = checkpoint;
    expect(records).toBeDefined();
    expect(decodeCheckpoint(encodeCheckpoint(without, "f"), "f")).not.toHaveProperty("records");
  });

  it("of another run, cut short, or changed in any byte are not used", () => {
    const bytes = encodeCheckpoint(checkpoint, "f");
    expect(decodeCheckpoint(bytes, "g")).toBeUndefined();
    for (let length = 0; length < bytes.length; length++)
      expect(decodeCheckpoint(bytes.subarray(0, length), "f")).toBeUndefined();
    for (let i = 0; i < bytes.length; i++) {
      const changed = Uint8Array.from(bytes);
      changed[i] ^= 1;
      expect(decodeCheckpoint(changed, "f")).toBeUndefined();
    }
  });
});

it("runs that differ in anything have other fingerprints", () => {
  const prints = [
    fingerprintOf({ a: 1 }, "x"),
    fingerprintOf({ a: 2 }, "x"),
    fingerprintOf({ a: 1 }, "y"),
    fingerprintOf({ a: 1, b: 0 }, "x"),
  ];
  expect(new Set(prints).size).toBe(4);
});

describe("checkpointInFolder", () => {
  it("keeps the last one of each run, and leaves nothing else behind", async () => {
    const [one, two] = ["trials/1", "trials/2"].map((run) => checkpointInFolder(join(folder, "new"), run));
    expect(await one.load()).toBeUndefined();
    await one.save(Uint8Array.of(1));
    await one.save(Uint8Array.of(2));
    await two.save(Uint8Array.of(3));
    expect([...(await one.load())!, ...(await two.load())!]).toEqual([2, 3]);
    await one.remove();
    await one.remove();
    expect(await one.load()).toBeUndefined();
    expect(await readdir(join(folder, "new"))).toHaveLength(1);
  });
});

describe.each<[string, ParameterValues]>([
  ["uniform sampling, momentum, dropout", { score: "uniform", dropout: 0.2 }],
  ["importance by recorded losses", { score: "loss_history" }],
  [
    "importance sampling, Adam, augmentation",
    { super_batch: 60, tau_threshold: 1.05, optimizer: "adam", learning_rate: 0.01, augmentation: 0.1 },
  ],
])("with %s", (_, values) => {
  const options = { dataset: quadrants(), sampler: createLocalSampler, clock: tickingClock() };
  const configuration = parseConfiguration(values, { batch_size: 20, epochs: 4, width: 0.25 });
  const architecture = values.super_batch === undefined ? mlp : smallCnn;
  const run = (more: Partial<TrainOptions> = {}) =>
    train(configuration, { ...options, architecture, rng: createRng("run"), ...more });

  it("a run that was killed at any step and resumed gives what it would have given undisturbed", async () => {
    const undisturbed = await run();
    const checkpoints = { store: checkpointInFolder(folder, "run"), seconds: 0 };
    for (const last of [7, 15, 40]) {
      const kill = new AbortController();
      const onStep = ({ step }: { step: number }) => step === last && kill.abort(new Error("killed"));
      await expect(run({ checkpoints, signal: kill.signal, onStep })).rejects.toThrow("killed");
    }
    const resumed = await run({ checkpoints });
    expect(resumed.resumedStep).toBeGreaterThan(30);
    expect(resumed.resumedCost.total).toBeGreaterThan(0);
    expect(resumed.steps).toBe(undisturbed.steps);
    expect(resumed.importanceSteps).toBe(undisturbed.importanceSteps);
    const losses = ({ curve }: typeof resumed) =>
      curve.map(({ step, validationLoss, trainLoss }) => [step, validationLoss, trainLoss]);
    expect(losses(resumed)).toEqual(losses(undisturbed));
  });
});

it("a prefetched run goes on too, though with other draws", async () => {
  const configuration = parseConfiguration({
    super_batch: 60,
    tau_threshold: 1.05,
    prefetch: 1,
    batch_size: 20,
    epochs: 3,
    width: 0.25,
  });
  const checkpoints = { store: checkpointInFolder(folder, "run"), seconds: 0 };
  const options = {
    dataset: quadrants(),
    sampler: createLocalSampler,
    clock: tickingClock(),
    architecture: mlp,
    checkpoints,
  };
  const kill = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 30 && kill.abort(new Error("killed"));
  await expect(train(configuration, { ...options, rng: createRng(1), signal: kill.signal, onStep })).rejects.toThrow(
    "killed",
  );
  const resumed = await train(configuration, { ...options, rng: createRng(1) });
  expect(resumed).toMatchObject({ ending: "finished", steps: 45 });
  expect(resumed.resumedStep).toBeGreaterThanOrEqual(28);
});

it("a checkpoint of another seed is left alone, and the run begins at the beginning", async () => {
  const checkpoints = { store: checkpointInFolder(folder, "run"), seconds: 0 };
  const options = {
    dataset: quadrants(),
    sampler: createLocalSampler,
    clock: tickingClock(),
    architecture: mlp,
    checkpoints,
  };
  const configuration = parseConfiguration({ batch_size: 20, epochs: 1, width: 0.25 });
  const kill = new AbortController();
  const onStep = ({ step }: { step: number }) => step === 5 && kill.abort(new Error("killed"));
  await expect(train(configuration, { ...options, rng: createRng(1), signal: kill.signal, onStep })).rejects.toThrow(
    "killed",
  );
  const other = await train(configuration, { ...options, rng: createRng(2) });
  expect(other).toMatchObject({ resumedStep: 0, steps: 15, resumedCost: { total: 0 } });
});

it("a checkpoint whose sampler is refused is left alone, and the run begins at the beginning", async () => {
  const store = checkpointInFolder(folder, "run");
  const options = {
    dataset: quadrants(),
    clock: tickingClock(),
    architecture: mlp,
    checkpoints: { store, seconds: 0 },
  };
  const configuration = parseConfiguration({ batch_size: 20, epochs: 1, width: 0.25 });
  const resume = async (refusal: Error) => {
    const kill = new AbortController();
    const onStep = ({ step }: { step: number }) => step === 5 && kill.abort(new Error("killed"));
    const killed = { ...options, rng: createRng(1), sampler: createLocalSampler, signal: kill.signal, onStep };
    await expect(train(configuration, killed)).rejects.toThrow("killed");
    const sampler: TrainOptions["sampler"] = (spec, token) => {
      if (token) throw refusal;
      return createLocalSampler(spec);
    };
    return train(configuration, { ...options, rng: createRng(1), sampler }).finally(() => store.remove());
  };
  const start = { resumedStep: 0, steps: 15 };
  expect(await resume(new FieldError("token", "of another version"))).toMatchObject(start);
  expect(await resume(Object.assign(new Error("refused"), { code: 3 }))).toMatchObject(start);
  await expect(resume(Object.assign(new Error("not there"), { code: 14 }))).rejects.toThrow("not there");
});
