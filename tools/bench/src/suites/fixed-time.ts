// Test error on CIFAR-10 after a fixed time of training, by how mini-batches are chosen.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, BenchOptions, BenchResult } from "../benchmark.ts";
import { drawFigure } from "../fixed-time/figure.ts";
import { type Method, methods } from "../fixed-time/methods.ts";
import { appendRecord, keyOf, type RunRecord, readRecords } from "../fixed-time/records.ts";

interface FixedTimeOptions {
  readonly seconds: number;
  readonly seeds: number;
  readonly workers: number;
  readonly dataDir?: string;
  readonly recorded: boolean;
}

interface Task {
  readonly method: string;
  readonly seed: number;
  readonly seconds: number;
}

const script = fileURLToPath(new URL("../fixed-time/train-one.ts", import.meta.url));
const figure = fileURLToPath(new URL("../../../../docs/images/fixed-time.svg", import.meta.url));

async function run({ quick, given, log }: BenchOptions): Promise<BenchResult> {
  const options = given as unknown as FixedTimeOptions;
  const seconds = quick ? 10 : options.seconds;
  const seeds = quick ? 1 : options.seeds;
  const fresh = options.recorded ? [] : await runMissing({ ...options, seconds, seeds }, quick, log);
  const records = (quick ? fresh : readRecords()).filter((record) => record.seconds === seconds && record.seed < seeds);
  if (!quick && records.length > 0) writeFileSync(figure, drawFigure(records));
  return {
    columns: [
      "method",
      "runs",
      "test error, mean",
      "lowest",
      "highest",
      "epochs",
      "steps",
      "importance steps",
      "largest τ",
    ],
    rows: methods.flatMap((method) => rowOf(method, records)),
    bars: [],
    notes: [
      `${seconds} CPU seconds of the training thread for each run: wall time on a quiet machine.`,
      ...(quick
        ? []
        : ["Recorded in tools/bench/src/fixed-time/recorded.jsonl; figure in docs/images/fixed-time.svg."]),
    ],
  };
}

function rowOf({ name, title }: Method, records: readonly RunRecord[]): (string | number)[][] {
  const own = records.filter(({ method }) => method === name);
  if (own.length === 0) return [];
  const mean = (of: (record: RunRecord) => number) => own.reduce((sum, record) => sum + of(record), 0) / own.length;
  const errors = own.map(({ testError }) => testError);
  return [
    [
      title,
      own.length,
      mean(({ testError }) => testError),
      Math.min(...errors),
      Math.max(...errors),
      mean(({ epochs }) => epochs),
      Math.round(mean(({ steps }) => steps)),
      Math.round(mean(({ importanceSteps }) => importanceSteps)),
      Math.max(...own.map(({ largestTau }) => largestTau)),
    ],
  ];
}

/** Trains what is not recorded, seed by seed, so that what is there when it is interrupted is balanced. */
async function runMissing(options: FixedTimeOptions, quick: boolean, log: BenchOptions["log"]): Promise<RunRecord[]> {
  const { seconds, dataDir = process.env.SUPERBATCH_DATA_DIR } = options;
  if (dataDir === undefined)
    throw new Error("name the folder of CIFAR-10's binary version by --data-dir or SUPERBATCH_DATA_DIR");
  const done = new Set(quick ? [] : readRecords().map(keyOf));
  const tasks = Array.from({ length: options.seeds }, (_, seed) => seed)
    .flatMap((seed) => methods.map(({ name }): Task => ({ method: name, seed, seconds })))
    .filter((task) => !done.has(keyOf(task)));
  const fresh: RunRecord[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < tasks.length) {
      const { method, seed } = tasks[next++];
      const args = [script, method, String(seed), String(seconds), dataDir];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
      const record = JSON.parse(stdout.trim().split("\n").at(-1)!) as RunRecord;
      if (!quick) appendRecord(record);
      fresh.push(record);
      log(`${fresh.length}/${tasks.length} ${method}, seed ${seed}: test error ${record.testError}`);
    }
  };
  await Promise.all(Array.from({ length: options.workers }, work));
  return fresh;
}

export default {
  name: "fixed-time",
  description: "Test error of the small CNN on CIFAR-10 after a fixed time of training: uniform SGD and IS-SGD.",
  configure(command) {
    command
      .option("--seconds <count>", "budget of a run, in CPU seconds of its thread", Number, 150)
      .option("--seeds <count>", "runs of each method", Number, 3)
      .option("--workers <count>", "runs at a time", Number, 1)
      .option("--data-dir <folder>", "CIFAR-10's binary version; default the variable SUPERBATCH_DATA_DIR")
      .option("--recorded", "run nothing: table and figure of what is recorded", false);
  },
  run,
} satisfies Benchmark;
