import { join } from "node:path";
import { appendJsonLine, readJsonLines } from "../json-lines.ts";
import { digestOfRuns } from "../recorded/records.ts";
import type { Services } from "../surrogates/services.ts";
import { createLiveTrainings, type LiveTrainings } from "./live.ts";
import type { Method } from "./methods.ts";
import { digestOfMethod, studiesFolder } from "./records.ts";
import { createReplay } from "./replay.ts";
import { openTuner, type RunLimits, runEach } from "./run-each.ts";
import { tableOf } from "./run-studies.ts";
import { runInVirtualTime } from "./virtual-time.ts";

/** Costs, in whole uniform trainings, at which a live study is judged; it ends at the last. */
export const liveCheckpoints: readonly number[] = [15, 30, 60];

/** A study whose trials were really trained. Costs are in whole uniform trainings of the recorded benchmark. */
export interface LiveStudy {
  readonly method: string;
  readonly seed: number;
  /** Of the method, as in other studies. */
  readonly digest: string;
  /** Of what decides what a training comes to. */
  readonly trainings: string;
  /** At each checkpoint: recommended hyperparameters in plain units; null before the first result. */
  readonly recommended: readonly (readonly number[] | null)[];
  /** At each checkpoint: test errors of what was recommended, trained anew by uniform sampling, one for each judging seed. */
  readonly uniform: readonly (readonly number[])[];
  /** Of the last recommendation, trained at the largest super-batch. */
  readonly target: readonly number[];
  /** Of each trial: value of the fidelity, null without one. */
  readonly fidelity: readonly (number | null)[];
  readonly cost: readonly number[];
}

export interface LiveOptions extends RunLimits {
  /** File of the recorded trainings, which tell the problem and the unit of cost. */
  readonly records: string;
  readonly methods: readonly Method[];
  readonly seeds: readonly number[];
  readonly dataDir?: string | undefined;
  readonly folder?: string | undefined;
  /** @default {@link liveCheckpoints} */
  readonly checkpoints?: readonly number[];
}

/** Where a method's live studies are. */
function liveFile(method: string, folder = studiesFolder()): string {
  return join(folder, "live", `${method}.jsonl`);
}

/** A method's live studies, ascending by seed. */
export function readLive(method: string, folder?: string): LiveStudy[] {
  return readJsonLines<LiveStudy>(liveFile(method, folder)).sort((a, b) => a.seed - b.seed);
}

/** Runs the live studies that are not recorded yet, seed by seed over all methods. Each takes minutes of a core. */
export async function runLiveStudies(options: LiveOptions): Promise<void> {
  const { methods, seeds, folder, checkpoints = liveCheckpoints } = options;
  const isDone = ({ name }: Method, seed: number) => readLive(name, folder).some((study) => study.seed === seed);
  const tasks = seeds
    .flatMap((seed) => methods.map((method) => ({ method, seed })))
    .filter(({ method, seed }) => !isDone(method, seed));
  if (tasks.length === 0) return;
  const trainings = createLiveTrainings(tableOf(options.records), options.dataDir);
  try {
    await runEach(tasks, options, async (services, { method, seed }) => {
      const study = await runStudy(services, trainings, method, seed, checkpoints);
      appendJsonLine(liveFile(method.name, folder), study);
      return `test errors ${study.uniform.at(-1)}`;
    });
  } finally {
    trainings.stop();
  }
}

async function runStudy(
  services: Services,
  trainings: LiveTrainings,
  method: Method,
  seed: number,
  checkpoints: readonly number[],
): Promise<LiveStudy> {
  const { problem, guessing, uniformSeconds: unit } = trainings.table;
  const tuner = await openTuner(services, problem, method, seed, 1);
  try {
    const { recommended, trials } = await runInVirtualTime({
      tuner,
      workers: 1,
      checkpoints: checkpoints.map((cost) => cost * unit),
      // Trainings of equal places differ between studies, unlike those of the emulator: each has its own luck.
      simulate: createReplay(trainings, method, "always", `${method.name} ${seed}`),
    });
    const judged: (readonly number[])[] = [];
    for (const x of recommended)
      judged.push(x ? await trainings.judge({ family: "uniform", level: 1, x }) : [guessing]);
    const last = recommended.at(-1);
    const level = problem.levels.at(-1)!;
    return {
      method: method.name,
      seed,
      digest: digestOfMethod(method),
      trainings: digestOfRuns(problem),
      recommended: recommended.map((x) => x?.map((value) => Number(value.toPrecision(4))) ?? null),
      uniform: judged,
      target: last ? await trainings.judge({ family: "always", level, x: last }) : [guessing],
      fidelity: trials.map(({ proposal }) => proposal.fidelity ?? null),
      cost: trials.map(({ cost }) => Number((cost / unit).toPrecision(3))),
    };
  } finally {
    await tuner.close();
  }
}
