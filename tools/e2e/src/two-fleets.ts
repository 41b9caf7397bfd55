import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { startStack } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";
import type { SearchSpace } from "@superbatch/search-space";
import { type ReceivedSpan, startOtlpReceiver, unexpectedAttributes } from "@superbatch/telemetry/testing";
import { temporaryFolder } from "./temporary.ts";

/**
 * `node two-fleets.ts [FOLDER]`: one study, tuned by two fleets at once: a TypeScript trainer on tfjs and a Python trainer on PyTorch. On CIFAR-10 where FOLDER
 * (or SUPERBATCH_DATA_DIR) holds it, else on digits. Checks that each fleet completed trials, that the model chose some from the results of both, and that
 * each trial's trace shows who trained it. Not a vitest test, since it takes minutes; tools/e2e/two-fleets.sh makes the Python environment that it needs.
 */
const root = new URL("../../../", import.meta.url).pathname;
const dataDir = process.argv[2] ?? process.env.SUPERBATCH_DATA_DIR;
const dataset = dataDir ? "cifar10" : "digits";
const trials = 12;
const patienceSeconds = 900;

const fleets = [
  { worker: "tfjs-1", service: "trainer", title: "TypeScript on tfjs" },
  { worker: "torch-1", service: "torch-trainer", title: "Python on PyTorch" },
] as const;

const batch = { batch_size: 32, evaluation_epochs: 1, width: 0.25, tau_threshold: 1.02, architecture: "small_cnn" };
const fixed =
  dataset === "cifar10"
    ? { ...batch, epochs: 3, data_share: 1_600 / 45_000, validation_examples: 1_000 }
    : { ...batch, epochs: 4 };

const space: SearchSpace = {
  parameters: [
    ...Object.entries({ dataset, ...fixed }).map(
      ([name, value]) => ({ name, domain: { kind: "fixed", value } }) as const,
    ),
    { name: "learning_rate", domain: { kind: "float", min: 0.01, max: 0.5, scale: "log" } },
    { name: "momentum", domain: { kind: "float", min: 0.5, max: 0.95, scale: "linear" } },
    {
      name: "super_batch",
      domain: { kind: "integer", min: 32, max: 256, scale: "log" },
      fidelity: { target: dataset === "cifar10" ? 1_600 : 1_000, basis: "fabolas", effect: "small" },
    },
  ],
  constraints: [],
};

/** Starts the Python trainer. @returns how to wait until it works, and to stop it. */
function startTorchTrainer(optimizerAddress: string, samplerAddress: string, logFile: string) {
  const args = ["-m", "superbatch.torch", "--worker", fleets[1].worker, "--threads", "1", "--device", "cpu"];
  const services = ["--optimizer-address", optimizerAddress, "--sampler-address", samplerAddress];
  const child = spawn(join(root, ".superbatch/python/bin/python"), [...args, ...services], {
    env: {
      ...process.env,
      PYTHONPATH: join(root, "clients/python/src"),
      OMP_NUM_THREADS: "1",
      ...(dataDir && { SUPERBATCH_DATA_DIR: dataDir }),
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
  const log = createWriteStream(logFile);
  child.stderr.pipe(log);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return {
    ended,
    async ready() {
      const over = ended.then((code) => {
        throw new Error(`the PyTorch trainer ended with ${code}:\n${readFileSync(logFile, "utf8")}`);
      });
      while (!readFileSync(logFile, { encoding: "utf8", flag: "a+" }).includes("trials of"))
        await Promise.race([sleep(100), over]);
    },
    stop: () => child.kill("SIGTERM"),
  };
}

/** The trials of a study once its budget is used. */
async function trialsAtTheEnd(
  client: Pick<Client, "getStudy" | "listTrials">,
  name: string,
): Promise<optimizer.Trial[]> {
  for (let waited = 0; waited < patienceSeconds; waited++) {
    const { study } = await client.getStudy({ name });
    if (study!.state === optimizer.StudyState.COMPLETED) return (await client.listTrials({ study: name })).trials;
    await sleep(1000);
  }
  throw new Error(`the study was not completed within ${patienceSeconds} s`);
}
type Client = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];

/** What is wrong with a trial's trace; empty if it shows the trial's root and one attempt, by the fleet that completed it. */
function traceProblems(trial: optimizer.Trial, spans: readonly ReceivedSpan[]): string[] {
  const [, traceId] = trial.traceparent.split("-");
  const own = spans.filter((span) => span.traceId === traceId);
  const fleet = fleets.find(({ worker }) => worker === trial.worker);
  const rootSpan = own.find(({ name }) => name === "superbatch.trial");
  const attempts = own.filter(({ name }) => name === "superbatch.train");
  const epochs = own.filter(({ name }) => name === "superbatch.train.epoch");
  const services = new Set(own.map(({ service }) => service));
  const checks: [boolean, string][] = [
    [rootSpan !== undefined, "has no root"],
    [
      attempts.length === 1 && attempts[0]!.service === fleet?.service,
      `shows attempts of ${attempts.map((a) => a.service)}`,
    ],
    [attempts.every((a) => a.parentSpanId === rootSpan?.spanId), "has an attempt that is not below the root"],
    [
      epochs.length > 0 && epochs.every((e) => e.parentSpanId === attempts[0]?.spanId),
      "shows no epochs of the attempt",
    ],
    [services.has("importance-sampler") && services.has("optimizer"), `shows only ${[...services].join(", ")}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => `the trace of ${trial.name} ${problem}`);
}

using folder = temporaryFolder();
await using receiver = await startOtlpReceiver();
process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoint;
process.env.OTEL_BSP_SCHEDULE_DELAY = "500";
const stack = await startStack({
  stateDir: folder.path,
  trainers: 1,
  trainerArgs: ["--worker", fleets[0].worker, ...(dataDir ? ["--data-dir", dataDir] : [])],
});
const torch = startTorchTrainer(stack.optimizerAddress, stack.samplerAddress, join(folder.path, "torch.log"));
const { client, close } = createClient(optimizer.OptimizerServiceDefinition, stack.optimizerAddress);
let completed: optimizer.Trial[];
try {
  await torch.ready();
  const spec = optimizer.StudySpec.fromPartial({
    space: spaceToProto(space),
    objective: { metric: "validation_error" },
    algorithm: { kind: { $case: "entropySearch", value: { model: { initialPoints: 4 } } } },
    budget: { maxTrials: trials },
    requirements: { [`dataset/${dataset}`]: "true" },
    seed: 1,
  });
  const { study } = await client.createStudy({ studyId: "two-fleets", study: { spec } });
  completed = await Promise.race([trialsAtTheEnd(client, study!.name), stack.failed, torch.ended.then(() => [])]);
} catch (error) {
  console.error(readFileSync(join(folder.path, "torch.log"), "utf8"));
  throw error;
} finally {
  close();
  torch.stop();
  await torch.ended;
  await stack.stop();
}

const done = completed.filter(({ state }) => state === optimizer.TrialState.COMPLETED);
for (const { worker, title } of fleets) {
  const own = done.filter((trial) => trial.worker === worker);
  const errors = own.map(({ measurement }) => measurement!.value.toFixed(3)).join(" ");
  console.log(`${title.padEnd(18)} ${own.length} trials on ${dataset}, errors ${errors}`);
}
const byModel = done.filter(({ explanation }) => explanation?.origin === optimizer.Origin.MODEL);
const problems = done.flatMap((trial) => traceProblems(trial, receiver.spans));
const checks: [string, boolean][] = [
  [`${done.length} of ${trials} trials are completed`, done.length === trials],
  ...fleets.map(({ worker, title }): [string, boolean] => {
    return [`${title} completed at least two`, done.filter((trial) => trial.worker === worker).length >= 2];
  }),
  [`the model chose ${byModel.length} of them`, byModel.length > 0],
  ["every error is better than guessing", done.every(({ measurement }) => measurement!.value < 0.9)],
  [
    `each trace shows its trial's fleet, ${receiver.spans.length} spans${problems.map((text) => `\n       ${text}`).join("")}`,
    problems.length === 0,
  ],
  [
    `no span has what the schema does not know ${unexpectedAttributes(receiver.spans).join(", ")}`,
    unexpectedAttributes(receiver.spans).length === 0,
  ],
];
for (const [text, holds] of checks) console.log(`${holds ? "ok    " : "FAILED"} ${text}`);
process.exitCode = checks.every(([, holds]) => holds) ? 0 : 1;
