import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { appendJsonLine } from "../json-lines.ts";
import { prepareBackend } from "./backend.ts";
import { keyOf, type RunTask, runTask } from "./design.ts";
import { digestOfRuns, onThread, openRecords, type RunRecord } from "./records.ts";
import type { TrainedRun, TrainerSettings } from "./train-runs.ts";

export interface RecordOptions extends TrainerSettings {
  /** Where the records are. */
  readonly file: string;
  /** How many runs of the design there shall be in the end. */
  readonly runs: number;
  /** How many of the best points at a target are trained again, each with further seeds. */
  readonly best: number;
  /** No run is begun later. */
  readonly minutes: number;
  /** Minutes after which a run is given up: its process is killed. */
  readonly runMinutes: number;
  /** Runs at a time. */
  readonly workers: number;
  log(line: string): void;
}

/** Seeds of the points that are trained again. */
const bestSeeds = [1, 2, 3];

/**
 * Trains what is not recorded yet, in processes of their own, and records each run as it ends. What interrupts it costs the runs under way.
 *
 * @returns all records
 * @throws {Error} where the backend cannot run, before any training has begun
 */
export async function record(options: RecordOptions): Promise<RunRecord[]> {
  const { problem, file, workers, log } = options;
  const clock = onThread(options) ? "CPU seconds of the training thread" : "wall seconds";
  const records = openRecords(file, { problem, backend: options.backend, clock });
  const done = new Set(records.map(keyOf));
  const tasks = [...Array.from({ length: options.runs }, (_, i) => runTask(problem, i)), ...repeats(records, options)];
  const missing = tasks.filter((task) => !done.has(keyOf(task)));
  if (missing.length > 0) await prepareBackend(options.backend, log);
  const digest = digestOfRuns(problem);
  const until = performance.now() + 60_000 * options.minutes;
  let next = 0;
  async function work(): Promise<void> {
    let trainer: Trainer | undefined;
    while (next < missing.length && performance.now() < until) {
      const task = missing[next++]!;
      trainer ??= startTrainer(options);
      const run = await trainer.train(task);
      if (!run) {
        log(`${describe(task)}: given up after ${options.runMinutes} minutes`);
        trainer = undefined;
        continue;
      }
      const finished: RunRecord = { ...run, digest };
      appendJsonLine(file, finished);
      records.push(finished);
      log(
        `${records.length} ${describe(task)}: ${run.ending}, validation error ${run.error.at(-1)}, ${run.spent.at(-1)} s`,
      );
    }
    trainer?.stop();
  }
  await Promise.all(Array.from({ length: workers }, work));
  return records;
}

/** The best points of the design at either target, with further seeds: where a study's end is judged. */
function repeats(records: readonly RunRecord[], { problem, best }: RecordOptions): RunTask[] {
  const targets = [
    { family: "uniform", level: 1 },
    { family: "always", level: problem.levels.at(-1)! },
  ] as const;
  const order = records
    .filter(
      ({ family, seed, error }) => (family === "uniform" || family === "always") && seed === 0 && error.length > 0,
    )
    .sort((a, b) => a.error.at(-1)! - b.error.at(-1)!);
  return order
    .slice(0, best)
    .flatMap(({ x, point }) => bestSeeds.flatMap((seed) => targets.map((target) => ({ ...target, point, x, seed }))));
}

/** A process that trains one run after the other. */
export interface Trainer {
  /** @returns undefined if it took too long; the trainer is then killed. @throws {Error} if its process ended. */
  train(task: RunTask): Promise<TrainedRun | undefined>;
  stop(): void;
}

const script = fileURLToPath(new URL("./train-runs.ts", import.meta.url));

export function startTrainer({
  problem,
  backend,
  threads,
  dataDir,
  runMinutes,
}: TrainerSettings & Pick<RecordOptions, "runMinutes">): Trainer {
  const settings: TrainerSettings = { problem, backend, threads, dataDir };
  const child: ChildProcess = fork(script, [JSON.stringify(settings)], { stdio: "inherit" });
  return {
    train: (task) =>
      new Promise((resolve, reject) => {
        const finish = (result: TrainedRun | undefined) => {
          clearTimeout(timer);
          child.removeAllListeners();
          resolve(result);
        };
        const timer = setTimeout(() => {
          finish(undefined);
          child.kill("SIGKILL");
        }, 60_000 * runMinutes);
        child.once("message", (run) => finish(run as TrainedRun));
        child.once("exit", (code) => {
          clearTimeout(timer);
          reject(new Error(`a training process ended with ${code}: ${describe(task)}`));
        });
        child.send(task);
      }),
    stop: () => void child.kill("SIGKILL"),
  };
}

function describe({ family, level, x, seed }: RunTask): string {
  return `${family} ${level.toPrecision(3)} at ${x.map((value) => value.toPrecision(3)).join(", ")}, seed ${seed}`;
}
