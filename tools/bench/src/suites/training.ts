// Samples per second of a training step (forward, backward, update), against PyTorch on the same cores.
import { fileURLToPath } from "node:url";
import { type BackendDescription, type BackendName, describeBackends } from "@superbatch/training";
import { atLeast, type Bar, type Benchmark, type BenchOptions, type BenchResult } from "../benchmark.ts";
import { median } from "../timing.ts";
import { type Contender, type ContenderOptions, startContender } from "../training/protocol.ts";
import { torchEnvironment } from "../training/torch-environment.ts";

const batch = 128;
const here = (file: string) => fileURLToPath(new URL(`../training/${file}`, import.meta.url));

/** The networks, with the share of PyTorch's one-thread rate (default layout) that the wasm backend must reach. */
const networks = [
  { name: "small_cnn", share: 0.6 },
  { name: "resnet8", share: 0.6 },
  { name: "resnet20", share: 0.5 },
] as const;

const reference = "PyTorch, default layout, 1 thread";
const ours = "Superbatch, wasm, 1 thread";

const counted = (threads: number): string => (threads === 1 ? "1 thread" : `${threads} threads`);

function torch(python: string, network: string, layout: string, threads: number): ContenderOptions {
  return {
    name: `PyTorch, ${layout === "default" ? "default layout" : layout}, ${counted(threads)}`,
    command: python,
    args: [here("torch-contender.py"), network, String(batch), String(threads), layout],
    env: { OMP_NUM_THREADS: String(threads) },
  };
}

function tfjs(backend: BackendName, network: string, threads: number): ContenderOptions {
  return {
    name: backend === "webgpu" ? "Superbatch, webgpu" : `Superbatch, ${backend}, ${counted(threads)}`,
    command: process.execPath,
    args: [here("tfjs-contender.ts"), backend, network, String(batch), String(threads)],
    env: { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: "1" },
  };
}

/** Whether there is anything to learn from a backend's speed. */
function runs(backend: BackendDescription): boolean {
  return backend.available && (backend.name !== "webgpu" || backend.accelerated);
}

/** Rates of all contenders, round by round; each round runs everyone once, so that a noisy minute hits all alike. */
async function measure(contenders: readonly Contender[], rounds: number, seconds: number): Promise<number[][]> {
  const rates: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contender] of contenders.entries()) rates[i].push(await contender.run(seconds));
  }
  return rates;
}

async function run({ quick, given, log }: BenchOptions): Promise<BenchResult> {
  const python = torchEnvironment(log);
  const backends = await describeBackends();
  const rows: (string | number)[][] = [];
  const bars: Bar[] = [];
  const notes = backends.flatMap((backend) => {
    if (!backend.available) return [`Not run: ${backend.name}, since ${backend.reason}.`];
    return runs(backend) ? [] : [`Not run: ${backend.name}, since it has only a software adapter here.`];
  });
  const chosen = given.networks as readonly string[];
  for (const { name: network, share } of networks.filter(({ name }) => chosen.includes(name))) {
    log(`training: ${network}`);
    const threads = [1, 2];
    const entries = [
      ...threads.flatMap((count) =>
        ["default", "channels_last"].map((layout) => torch(python, network, layout, count)),
      ),
      ...backends.filter(runs).flatMap(({ name }) => {
        return (name === "webgpu" ? [1] : threads).map((count) => tfjs(name, network, count));
      }),
    ];
    const contenders: Contender[] = [];
    try {
      for (const entry of entries) contenders.push(await startContender(entry));
      const rates = await measure(contenders, quick ? 3 : (given.rounds as number), quick ? 0.5 : 1.2);
      const own = rates[contenders.findIndex(({ name }) => name === ours)];
      const base = rates[contenders.findIndex(({ name }) => name === reference)];
      for (const [i, { name, profile }] of contenders.entries()) {
        const ratio = median(rates[i].map((rate, round) => rate / base[round]));
        rows.push([network, name, Math.round(median(rates[i])), ratio]);
        if (name === `Superbatch, wasm, ${counted(2)}`) {
          const gain = median(rates[i].map((rate, round) => rate / own[round]));
          bars.push(atLeast(`${network}, batch ${batch}: wasm, 2 threads over 1`, gain, 1.6));
        }
        if (name === "Superbatch, tensorflow, 1 thread")
          bars.push(atLeast(`${network}, batch ${batch}: tensorflow over ${reference}`, ratio, 0.6));
        if (name === ours) {
          bars.push(atLeast(`${network}, batch ${batch}: wasm over ${reference}`, ratio, share));
          notes.push(`Time of a ${network} step on wasm: ${shares(await profile())}.`);
        }
      }
    } finally {
      for (const contender of contenders) await contender.close();
    }
  }
  return { columns: ["network", "contender", "samples/s", `over ${reference}`], rows, bars, notes };
}

function shares(profile: Record<string, number> | undefined): string {
  return Object.entries(profile ?? {})
    .map(([part, share]) => `${part} ${Math.round(100 * share)}%`)
    .join(", ");
}

export default {
  name: "training",
  description:
    "Samples per second of training steps on each backend that runs here, against PyTorch on the same cores.",
  configure(command) {
    const names = networks.map(({ name }) => name);
    command
      .option("--networks <names>", `of ${names.join(", ")}`, (text) => text.split(","), names)
      .option("--rounds <count>", "rounds in which each contender runs once", Number, 7);
  },
  run,
} satisfies Benchmark;
