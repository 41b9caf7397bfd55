// Trains the workload once, in this process: the quickest way to see whether it works.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { openBackend, train } from "@superbatch/training";
import workload from "./workload.ts";

const backend = await openBackend("auto");
const { configuration, architecture } = workload.configure({ learning_rate: 0.1, super_batch: 256, hidden_layers: 3 });
const result = await train(configuration, {
  dataset: await workload.dataset(),
  architecture,
  sampler: createLocalSampler,
  rng: createRng(1),
  clock: () => performance.now() / 1000,
  onProgress({ epoch, validationError, tau, importanceSampling }) {
    const sampling = importanceSampling ? "importance" : "uniform";
    console.log(
      `epoch ${epoch.toFixed(1)}: error ${(100 * validationError).toFixed(1)}%, τ ${tau.toFixed(2)}, ${sampling} sampling`,
    );
  },
});
const { total, scoring, gradient } = result.cost;
console.log(
  `${result.ending} on ${backend.name}: error ${(100 * result.validationError).toFixed(1)}%, ` +
    `${total.toFixed(1)} s (gradient ${gradient.toFixed(1)}, scoring ${scoring.toFixed(1)})`,
);
