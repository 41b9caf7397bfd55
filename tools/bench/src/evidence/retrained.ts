import { join } from "node:path";
import type { Emulator } from "../emulator/emulator.ts";
import { appendJsonLine, readJsonLines } from "../json-lines.ts";
import { meanOf, varianceOf } from "../regret/summary.ts";
import { createLiveTrainings } from "./live.ts";
import { decimalsOf, percent, points } from "./markdown.ts";
import { type Studies, studiesFolder } from "./records.ts";
import type { RunLimits } from "./run-each.ts";
import { tableOf } from "./run-studies.ts";

/** A recommendation that was trained anew: what it really comes to, which no emulator has a say in. */
interface Retrained {
  /** Hyperparameters in plain units. */
  readonly x: readonly number[];
  /** Test errors by uniform sampling, one for each of the seeds that no recorded training and no trial has. */
  readonly errors: readonly number[];
}

export interface RetrainOptions extends RunLimits {
  /** File of the recorded trainings, which tell the problem. */
  readonly records: string;
  readonly studies: Studies;
  readonly seeds: readonly number[];
  readonly dataDir?: string | undefined;
  readonly folder?: string | undefined;
}

/** Places of which a comparison says anything. */
const fewestCompared = 10;

function fileOf(folder = studiesFolder()): string {
  return join(folder, "retrained.jsonl");
}

/** How the emulator's test errors compare with those of trainings that it knows nothing of, at all places that were trained anew. */
export function describeRetrained(emulator: Emulator, folder?: string): string {
  const places = readJsonLines<Retrained>(fileOf(folder));
  if (places.length < fewestCompared) return "";
  const emulated = places.map(({ x }) => emulator.truth({ family: "uniform", level: 1, x }).mean);
  const trained = places.map(({ errors }) => meanOf(errors));
  const differences = emulated.map((value, i) => value - trained[i]!);
  const digits = decimalsOf(meanOf(trained));
  const noise = places.map(({ errors }) => varianceOf(errors) / errors.length);
  return (
    `At all ${places.length} places that were trained anew, for studies of earlier emulators too, the emulator's errors are ${points(meanOf(differences), { digits, signed: true })} points off those of the trainings in the mean and ` +
    `${points(Math.sqrt(meanOf(differences.map((value) => value ** 2))), { digits })} in the root mean square, of which the noise of the trainings explains ${points(Math.sqrt(meanOf(noise)), { digits })}.`
  );
}

/** Mean errors by place. */
export function readRetrained(folder?: string): ReadonlyMap<string, number> {
  return new Map(readJsonLines<Retrained>(fileOf(folder)).map(({ x, errors }) => [keyOf(x), meanOf(errors)]));
}

/** Trains the last recommendations of studies that were not trained yet, seed by seed over all methods. */
export async function retrain({
  records,
  studies,
  seeds,
  dataDir,
  folder,
  minutes,
  log,
}: RetrainOptions): Promise<void> {
  const known = readRetrained(folder);
  const missing = new Map<string, readonly number[]>();
  for (const seed of seeds) {
    for (const [, own] of studies) {
      const x = own.find((study) => study.seed === seed)?.recommended.at(-1);
      if (x && !known.has(keyOf(x))) missing.set(keyOf(x), x);
    }
  }
  if (missing.size === 0) return;
  const until = performance.now() + 60_000 * (minutes ?? Number.POSITIVE_INFINITY);
  const trainings = createLiveTrainings(tableOf(records), dataDir);
  try {
    for (const [i, x] of [...missing.values()].entries()) {
      if (performance.now() > until) break;
      const errors = await trainings.judge({ family: "uniform", level: 1, x });
      appendJsonLine(fileOf(folder), { x, errors } satisfies Retrained);
      log(`${i + 1}/${missing.size} retrained at ${x.join(", ")}: ${errors.map((error) => percent(error)).join(", ")}`);
    }
  } finally {
    trainings.stop();
  }
}

/** The studies whose last recommendation was trained, with what it came to in place of the emulator's errors. */
export function judgedByTraining(studies: Studies, retrained: ReadonlyMap<string, number>): Studies {
  return studies.map(([method, own]) => [
    method,
    own.flatMap((study) => {
      const x = study.recommended.at(-1);
      const error = x && retrained.get(keyOf(x));
      return error === undefined || error === null ? [] : [{ ...study, uniform: [error] }];
    }),
  ]);
}

function keyOf(x: readonly number[]): string {
  return x.join(" ");
}
