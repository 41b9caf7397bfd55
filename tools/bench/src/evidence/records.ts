import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compared, type Sourced } from "../confirmed.ts";
import type { RegressionName } from "../emulator/model.ts";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../json-lines.ts";
import { digestOfSources } from "../sources.ts";
import { type Method, methods } from "./methods.ts";
import type { Switch } from "./replay.ts";

/** One recorded study. Costs are in whole uniform trainings. Its digest: {@link digestOfMethod}. */
export interface StudyRecord extends Sourced {
  readonly method: string;
  readonly seed: number;
  /** Of the recorded trainings that it replayed. */
  readonly data: string;
  readonly workers: number;
  /** At each checkpoint: recommended hyperparameters in plain units; null before the first result. */
  readonly recommended: readonly (readonly number[] | null)[];
  /** At each checkpoint: mean test error of what was recommended, trained by uniform sampling. */
  readonly uniform: readonly number[];
  /** The same, trained at the largest super-batch. */
  readonly target: readonly number[];
  /** Of each trial in the order of completion: value of the fidelity, null without one. */
  readonly fidelity: readonly (number | null)[];
  readonly cost: readonly number[];
  /** Median seconds of a suggestion that a model chose; 0 without any. */
  readonly suggestionSeconds: number;
}

const sources = [
  ...["acquisition", "gp", "linalg", "random", "random-forest", "search-space"].map((lib) => `libs/${lib}/src`),
  "services/optimizer/src/domain",
  "tools/bench/src/emulator",
];

/** Of the repository's studies on a recorded benchmark. */
export function studiesFolder(problem = "cifar10"): string {
  return fileURLToPath(new URL(`./studies/${problem}/`, import.meta.url));
}

/** What takes the place of the truth in studies. */
export interface Replayed {
  readonly importance: Switch;
  /** @default "gp" */
  readonly emulator?: RegressionName | undefined;
}

/** Where a method's studies are. @param folder - of all studies on one recorded benchmark. @default the repository's, on CIFAR-10 */
export function studiesFile(
  { importance, emulator = "gp" }: Replayed,
  method: string,
  folder = studiesFolder(),
): string {
  return join(folder, emulator === "gp" ? importance : `${importance}-${emulator}`, `${method}.jsonl`);
}

/** All studies in a file; of several with one seed and number of workers the last. */
export function readStudies(file: string): StudyRecord[] {
  const studies = readJsonLines<StudyRecord>(file);
  return [...new Map(studies.map((study) => [`${study.seed} ${study.workers}`, study])).values()];
}

export function appendStudy(file: string, study: StudyRecord): void {
  const error = (value: number) => Number(value.toPrecision(5));
  const record: StudyRecord = {
    ...study,
    recommended: study.recommended.map((x) => x?.map((value) => Number(value.toPrecision(4))) ?? null),
    uniform: study.uniform.map(error),
    target: study.target.map(error),
    cost: study.cost.map((value) => Number(value.toPrecision(3))),
    suggestionSeconds: Number(study.suggestionSeconds.toPrecision(3)),
  };
  const { seed, workers } = study;
  const earlier = readStudies(file).find((each) => each.seed === seed && each.workers === workers);
  appendJsonLine(file, compared(record, earlier, resultOf));
}

/** What the same study comes to by the same sources, whatever the machine. */
function resultOf({ data, recommended, uniform, target, fidelity, cost }: StudyRecord): unknown {
  return [data, recommended, uniform, target, fidelity, cost];
}

/** Writes a file anew: one line for each seed, in order. */
export function tidyStudies(file: string): void {
  const studies = readStudies(file).sort((a, b) => a.workers - b.workers || a.seed - b.seed);
  if (studies.length > 0) writeJsonLines(file, studies);
}

/** Studies by method, in the order of the registry. */
export type Studies = readonly (readonly [Method, readonly StudyRecord[]])[];

/** Those of which there are any, by name. */
export function studiesByMethod(studies: Studies): Map<string, readonly StudyRecord[]> {
  return new Map(studies.filter(([, own]) => own.length > 0).map(([{ name }, own]) => [name, own]));
}

/** Of a method and of all that decides what it does. */
export function digestOfMethod({ name: _, title: __, role, ...settings }: Method): string {
  return digestOfSources(settings, role === "peer" ? ["tools/bench/src/emulator"] : sources);
}

/** Of a file of recorded trainings. */
export function digestOfFile(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
}

/** @throws {RangeError} for a name that is none. */
export function methodOf(name: string): Method {
  const method = methods.find((each) => each.name === name);
  if (!method) throw new RangeError(`unknown method ${name}`);
  return method;
}
