// A process that trains runs, one for each message, until it is killed. Its argument is a TrainerSettings as JSON.
import { createLocalSampler } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import {
  type BackendName,
  builtInWorkload,
  type Dataset,
  loadDataset,
  openBackend,
  type ParameterValues,
  train,
} from "@superbatch/training";
import { keyOf, type RunTask } from "./design.ts";
import type { RecordedProblem } from "./problem.ts";
import { onThread, type RunRecord } from "./records.ts";

export interface TrainerSettings {
  readonly problem: RecordedProblem;
  readonly backend: BackendName;
  readonly threads: number;
  readonly dataDir?: string | undefined;
}

export type TrainedRun = Omit<RunRecord, "digest">;

const settings = JSON.parse(process.argv[2]!) as TrainerSettings;
const { problem, dataDir } = settings;
await openBackend(settings.backend, { threads: settings.threads });
const whole = await loadDataset(problem.dataset, { dataDir });
const dataset: Dataset = { ...whole, test: { ...whole.test, size: Math.min(problem.testExamples, whole.test.size) } };
const workload = builtInWorkload(problem.dataset, async () => dataset);

/** One thread's own computing is wall time on a quiet machine, and hardly more on a busy one. */
function threadSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
const clock = onThread(settings) ? threadSeconds : () => performance.now() / 1000;

process.on("message", async (task: RunTask) => {
  process.send!(await run(task));
});

async function run(task: RunTask): Promise<TrainedRun> {
  const { configuration, architecture } = workload.configure(valuesOf(task));
  let largestTau = 0;
  const result = await train(configuration, {
    dataset,
    architecture,
    sampler: createLocalSampler,
    rng: createRng(keyOf(task)),
    clock,
    reportTestError: true,
    onStep({ tau }) {
      largestTau = Math.max(largestTau, tau);
    },
  });
  const { curve, cost } = result;
  const round = (value: number, digits: number) => Number(value.toPrecision(digits));
  return {
    ...task,
    ending: result.ending,
    steps: result.steps,
    error: curve.map(({ validationError }) => validationError),
    testError: result.testError ?? null,
    tau: curve.map(({ tau }) => round(tau, 3)),
    largestTau: round(largestTau, 3),
    importance: curve.map(({ importanceSteps }) => importanceSteps),
    spent: curve.map((point) => round(point.cost.total - point.cost.evaluation, 3)),
    scoring: round(cost.scoring, 3),
    gradient: round(cost.gradient, 3),
    data: round(cost.data, 3),
    evaluation: round(cost.evaluation, 3),
  };
}

function valuesOf({ family, level, x }: RunTask): ParameterValues {
  const { validationExamples, trainExamples, batchSize } = problem;
  const [learningRate, friction, weightDecay] = x as [number, number, number];
  const available = dataset.train.size - validationExamples;
  const share = (trainExamples === "all" ? 1 : trainExamples / available) * (family === "share" ? level : 1);
  const scored = family === "published" || family === "always";
  return {
    architecture: problem.architecture,
    width: problem.width,
    ...(problem.resolution !== undefined && { resolution: problem.resolution }),
    optimizer: "nesterov",
    learning_rate: learningRate,
    momentum: 1 - friction,
    weight_decay: weightDecay,
    schedule: problem.schedule,
    epochs: problem.epochs,
    evaluation_epochs: problem.evaluationEpochs,
    batch_size: batchSize,
    validation_examples: validationExamples,
    data_share: share,
    super_batch: (scored ? level : 2) * batchSize,
    // τ of a mini-batch is at most √b: uniform sampling is a switch that is never on, so that τ is tracked.
    ...(family !== "published" && { tau_threshold: scored ? 0 : batchSize }),
  };
}
