import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compared, type Sourced } from "../confirmed.ts";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../json-lines.ts";
import { digestOfSources } from "../sources.ts";
import type { Method } from "./methods.ts";

/** One recorded study. Its digest: {@link digestOf}. */
export interface StudyRecord extends Sourced {
  readonly method: string;
  readonly problem: string;
  readonly seed: number;
  /** Trials within the last checkpoint. */
  readonly trials: number;
  /** Seconds that the study took, on whatever machine. */
  readonly seconds: number;
  /** Simple regret at each checkpoint. */
  readonly regret: readonly number[];
}

const folder = fileURLToPath(new URL("./recorded/", import.meta.url));

/** All recorded studies of a method; of several with one problem and seed the last. */
export function readRecords(method: string): StudyRecord[] {
  const records = readJsonLines<StudyRecord>(fileOf(method));
  return [...new Map(records.map((record) => [`${record.problem} ${record.seed}`, record])).values()];
}

/** Adds a study, as one line of JSON. */
export function appendRecord(record: StudyRecord): void {
  const regret = record.regret.map((value) => Number(value.toPrecision(4)));
  const { method, problem, seed } = record;
  const earlier = readRecords(method).find((each) => each.problem === problem && each.seed === seed);
  appendJsonLine(
    fileOf(method),
    compared({ ...record, regret }, earlier, (each) => [each.trials, each.regret]),
  );
}

/** Writes a method's records anew: one for each problem and seed, in order. */
export function tidyRecords(method: string): void {
  const records = readRecords(method).sort((a, b) => a.problem.localeCompare(b.problem) || a.seed - b.seed);
  if (records.length > 0) writeJsonLines(fileOf(method), records);
}

const sources = [
  ...["acquisition", "gp", "linalg", "random", "search-space"].map((lib) => `libs/${lib}/src`),
  "services/optimizer/src/domain/suggest",
];

/** What a method's results depend on: settings, and for our own methods the sources of all that they use. */
export function digestOf({ role, settings }: Method): string {
  return digestOfSources(settings, role === "peer" ? [] : sources);
}

function fileOf(method: string): string {
  return join(folder, `${method}.jsonl`);
}
