// One training run in a process of its own: train-one.ts METHOD SEED SECONDS DATA_DIR. Prints its record as one line of JSON.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { builtInWorkload, loadDataset, openBackend, train } from "@superbatch/training";
import { common, methods } from "./methods.ts";
import type { RunRecord } from "./records.ts";

const [name, seed, seconds, dataDir] = process.argv.slice(2);
const method = methods.find((each) => each.name === name)!;
await openBackend("wasm", { threads: 1 });
const dataset = await loadDataset("cifar10", { dataDir });
const workload = builtInWorkload("cifar10", async () => dataset);
const values = { ...common, ...method.values, seconds: Number(seconds) };
const { configuration, architecture } = workload.configure(values);
let largestTau = 0;
const result = await train(configuration, {
  dataset,
  architecture,
  sampler: createLocalSampler,
  rng: createRng(Number(seed)),
  // What the training's own thread has computed: on a quiet machine, wall time.
  clock: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1e6;
  },
  reportTestError: true,
  onStep({ tau }) {
    largestTau = Math.max(largestTau, tau);
  },
});
const { scoring, gradient, evaluation, data, total } = result.cost;
const record: RunRecord = {
  method: name,
  seed: Number(seed),
  seconds: Number(seconds),
  testError: result.testError!,
  validationError: result.validationError,
  steps: result.steps,
  importanceSteps: result.importanceSteps,
  epochs: result.epochs,
  largestTau,
  cost: { total, scoring, gradient, evaluation, data },
  curve: result.curve.map((point) => ({
    seconds: point.cost.total,
    epoch: point.epoch,
    validationError: point.validationError,
    trainLoss: point.trainLoss,
    tau: point.tau,
  })),
};
console.log(JSON.stringify(record, (_, value) => (typeof value === "number" ? Number(value.toPrecision(5)) : value)));
