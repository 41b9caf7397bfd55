// `node curves.ts '{"dataDir": …, "dataset": …, "values": {…}, "seeds": […]}'`: learning curves of the small CNN, one for each seed, as JSON. clients/python/tests/compare_curves.py compares
// them with those of PyTorch.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { architectureByName } from "../architecture/registry.ts";
import { openBackend } from "../backend/index.ts";
import { type ParameterValues, parseConfiguration } from "../configuration.ts";
import { type DatasetName, loadDataset } from "../dataset/load.ts";
import { train } from "../loop/train.ts";

const { dataDir, dataset, values, seeds } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly dataDir?: string;
  readonly dataset: DatasetName;
  readonly values: ParameterValues;
  readonly seeds: readonly number[];
};
await openBackend("wasm");
const data = await loadDataset(dataset, { dataDir });
const curves = [];
for (const seed of seeds) {
  const { curve, importanceSteps } = await train(parseConfiguration(values), {
    dataset: data,
    architecture: architectureByName("small_cnn"),
    sampler: createLocalSampler,
    rng: createRng(seed),
    clock: () => performance.now() / 1000,
  });
  curves.push({ importanceSteps, curve });
}
process.stdout.write(JSON.stringify(curves));
