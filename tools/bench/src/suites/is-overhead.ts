// What importance sampling costs: one step at B = 2b, 4b, 8b, over a uniform step and over the least that it could take.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import {
  architectureByName,
  builtInWorkload,
  type Dataset,
  openBackend,
  type ParameterValues,
  type Split,
  train,
} from "@superbatch/training";
import { createModel } from "@superbatch/training/model";
import { atMost, type Bar, type Benchmark, type BenchOptions, type BenchResult } from "../benchmark.ts";
import { interleave } from "../timing.ts";

const batchSize = 128;
/** B / b. */
const multiples = [2, 4, 8] as const;
const bound = 1.15;
const inputShape = [32, 32, 3] as const;
const classes = 10;

/** Random images in the form of CIFAR-10. */
function randomImages(): Dataset {
  const rng = createRng("images");
  const split = (size: number): Split => ({
    size,
    inputs: Uint8Array.from({ length: size * 32 * 32 * 3 }, () => rng.integer(256)),
    labels: Uint8Array.from({ length: size }, () => rng.integer(classes)),
  });
  return {
    name: "random",
    inputShape,
    classes,
    train: split(4096),
    test: split(classes),
    flippable: true,
    checksum: "random",
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Milliseconds of a step of the whole training loop: sampling, reading, scoring, training.
 *
 * @param steps - that are averaged; one more comes before.
 */
async function stepTime(network: string, dataset: Dataset, values: ParameterValues, steps: number): Promise<number> {
  const { configuration, architecture } = builtInWorkload("random", async () => dataset).configure({
    architecture: network,
    batch_size: batchSize,
    steps: steps + 1,
    evaluation_epochs: 1000,
    validation_examples: classes,
    ...values,
  });
  const ends: number[] = [];
  await train(configuration, {
    dataset,
    architecture,
    sampler: createLocalSampler,
    rng: createRng("is-overhead"),
    clock: () => performance.now() / 1000,
    onStep: () => void ends.push(performance.now()),
  });
  return mean(ends.slice(1).map((end, i) => end - ends[i]));
}

/** The network alone: a forward pass of b examples, and a gradient step on b. */
function bareNetwork(network: string) {
  const rng = createRng("is-overhead");
  const model = createModel({
    architecture: architectureByName(network),
    shape: { inputShape, classes, width: 1 },
    optimizer: { kind: "nesterov", momentum: 0.9, weightDecay: 1e-4 },
    dropout: 0,
    labelSmoothing: 0,
    rng,
  });
  const batch = {
    size: batchSize,
    inputs: Float32Array.from({ length: batchSize * 32 * 32 * 3 }, () => rng.normal()),
    labels: Int32Array.from({ length: batchSize }, () => rng.integer(classes)),
  };
  const weights = new Float32Array(batchSize).fill(1);
  const timed = async (steps: number, work: () => Promise<unknown>) => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await work();
    return (performance.now() - start) / steps;
  };
  return {
    forward: (steps: number) => timed(steps, () => model.logits(batch)),
    step: (steps: number) => timed(steps, () => model.step(batch, weights, 0.01)),
    dispose: () => model.dispose(),
  };
}

async function run({ quick, given, log }: BenchOptions): Promise<BenchResult> {
  const backend = await openBackend("wasm", { threads: 1 });
  const dataset = randomImages();
  const [rounds, steps] = quick ? [2, 2] : [7, 4];
  const rows: (string | number)[][] = [];
  const bars: Bar[] = [];
  for (const network of given.networks as readonly string[]) {
    log(`is-overhead: ${network}`);
    const bare = bareNetwork(network);
    const importance = (multiple: number) => () =>
      stepTime(network, dataset, { super_batch: multiple * batchSize, tau_threshold: 0 }, steps);
    const times = await interleave(
      {
        forward: () => bare.forward(2 * steps),
        step: () => bare.step(steps),
        uniform: () => stepTime(network, dataset, { score: "uniform" }, steps),
        "2": importance(2),
        "4": importance(4),
        "8": importance(8),
      },
      rounds,
    );
    bare.dispose();
    rows.push([
      network,
      "uniform",
      times.uniform.median,
      1,
      times.step.median,
      times.uniform.median / times.step.median,
    ]);
    for (const multiple of multiples) {
      const time = times[`${multiple}`].median;
      const ideal = multiple * times.forward.median + times.step.median;
      rows.push([network, `B = ${multiple}b`, time, time / times.uniform.median, ideal, time / ideal]);
      bars.push(atMost(`${network}, b = ${batchSize}, B = ${multiple}b: IS step over the ideal`, time / ideal, bound));
    }
  }
  return {
    columns: ["network", "step", "ms", "over uniform", "ideal ms", "over ideal"],
    rows,
    bars,
    notes: [
      `Backend: ${backend.device}. Steps of the whole training loop with the sampler in process.`,
      "Ideal: B forward passes and one gradient step of the bare network, nothing read, sampled or scored.",
    ],
  };
}

export default {
  name: "is-overhead",
  description: "Cost of an importance-sampled step at B = 2b, 4b, 8b, over a uniform step and over the ideal.",
  configure(command) {
    command.option("--networks <names>", "architectures", (text) => text.split(","), ["small_cnn", "resnet8"]);
  },
  run,
} satisfies Benchmark;
