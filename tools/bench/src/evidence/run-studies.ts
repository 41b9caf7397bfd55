import { createEmulator, type Emulator } from "../emulator/emulator.ts";
import { createTable, type Table } from "../emulator/table.ts";
import { readRecords } from "../recorded/records.ts";
import type { Services } from "../surrogates/services.ts";
import { median } from "../timing.ts";
import type { Method } from "./methods.ts";
import {
  appendStudy,
  digestOfFile,
  digestOfMethod,
  type Replayed,
  readStudies,
  type StudyRecord,
  studiesFile,
} from "./records.ts";
import { createReplay } from "./replay.ts";
import { openTuner, type RunLimits, runEach } from "./run-each.ts";
import { runInVirtualTime } from "./virtual-time.ts";

/** Costs, in whole uniform trainings, at which a study is judged; it ends at the last. The dearest training costs about four. */
export const checkpoints: readonly number[] = Array.from({ length: 19 }, (_, i) => 3 * (i + 2));

export interface StudyOptions extends Replayed, RunLimits {
  /** File of the recorded trainings that are replayed. */
  readonly records: string;
  readonly methods: readonly Method[];
  /** Seeds, ascending; each method's studies with one seed meet the same luck. */
  readonly seeds: readonly number[];
  readonly workers: number;
  /** Whether studies of earlier sources or earlier recorded trainings stand. */
  readonly keep: boolean;
  /** In whole uniform trainings. @default {@link checkpoints} */
  readonly checkpoints?: readonly number[];
  /** Of the studies. @default the repository's */
  readonly folder?: string | undefined;
}

/** Runs the studies that are not recorded yet, seed by seed over all methods, so that what is there when it is interrupted is balanced. */
export async function runStudies(options: StudyOptions): Promise<void> {
  const { records, methods, seeds, workers, keep } = options;
  const fileOf = (method: string) => studiesFile(options, method, options.folder);
  const data = digestOfFile(records);
  const isDone = (method: Method, seed: number) =>
    readStudies(fileOf(method.name)).some(
      (study) =>
        study.seed === seed &&
        study.workers === workers &&
        (keep || (study.digest === digestOfMethod(method) && study.data === data)),
    );
  const tasks = seeds
    .flatMap((seed) => methods.map((method) => ({ method, seed })))
    // Other software is asked for one trial at a time.
    .filter(({ method, seed }) => (workers === 1 || method.role !== "peer") && !isDone(method, seed));
  const emulator = createEmulator(tableOf(records), options.emulator);
  await runEach(tasks, options, async (services, { method, seed }) => {
    const study = await runStudy(services, emulator, method, seed, options);
    appendStudy(fileOf(method.name), { ...study, data });
    return `error ${study.uniform.at(-1)!.toFixed(4)}`;
  });
}

/** Of the trainings in a file. */
export function tableOf(records: string): Table {
  const { header, runs } = readRecords(records);
  return createTable(header.problem, runs);
}

async function runStudy(
  services: Services,
  emulator: Emulator,
  method: Method,
  seed: number,
  options: StudyOptions,
): Promise<Omit<StudyRecord, "data">> {
  const { table } = emulator;
  const { problem, uniformSeconds } = table;
  const unit = uniformSeconds;
  const tuner = await openTuner(services, problem, method, seed, options.workers);
  try {
    const { recommended, trials } = await runInVirtualTime({
      tuner,
      workers: options.workers,
      checkpoints: (options.checkpoints ?? checkpoints).map((cost) => cost * unit),
      simulate: createReplay(emulator, method, options.importance, String(seed)),
    });
    const judged = (family: "uniform" | "always", level: number) =>
      recommended.map((x) => (x ? emulator.truth({ family, level, x }).mean : table.guessing));
    const waits = trials.filter(({ proposal }) => proposal.byModel).map(({ proposal }) => proposal.seconds);
    return {
      method: method.name,
      seed,
      digest: digestOfMethod(method),
      workers: options.workers,
      recommended,
      uniform: judged("uniform", 1),
      target: judged("always", problem.levels.at(-1)!),
      fidelity: trials.map(({ proposal }) => proposal.fidelity ?? null),
      cost: trials.map(({ cost }) => cost / unit),
      suggestionSeconds: waits.length > 0 ? median(waits) : 0,
    };
  } finally {
    await tuner.close();
  }
}
