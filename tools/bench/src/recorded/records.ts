import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Ending } from "@superbatch/training";
import { appendJsonLine, readJsonLines } from "../json-lines.ts";
import { digestOfSources } from "../sources.ts";
import { keyOf, type RunTask } from "./design.ts";
import type { RecordedProblem } from "./problem.ts";

/** One finished training. Arrays have an entry for each evaluation; a run that diverged has fewer. Seconds are those of the clock of {@link RecordsHeader}. */
export interface RunRecord extends RunTask {
  readonly ending: Ending;
  readonly steps: number;
  /** Validation error. */
  readonly error: readonly number[];
  /** On the test examples, at the end; null of a run that diverged. */
  readonly testError: number | null;
  /** Tracked τ. */
  readonly tau: readonly number[];
  /** Largest tracked τ after any step. */
  readonly largestTau: number;
  /** Importance-sampled steps so far. */
  readonly importance: readonly number[];
  /** Seconds so far, evaluations left out. */
  readonly spent: readonly number[];
  /** Seconds in all, by phase. */
  readonly scoring: number;
  readonly gradient: number;
  readonly data: number;
  readonly evaluation: number;
  /** Of the problem and of the sources that trained it. */
  readonly digest: string;
}

/** First line of a file of records. */
export interface RecordsHeader {
  readonly problem: RecordedProblem;
  readonly backend: string;
  readonly clock: "CPU seconds of the training thread" | "wall seconds";
}

/** Whether all of a training's work is done by the thread that asks for it, whose CPU seconds are then its cost. */
export function onThread({ backend, threads }: { readonly backend: string; readonly threads: number }): boolean {
  return backend === "wasm" && threads === 1;
}

const sources = ["is-sgd", "random", "training"].map((lib) => `libs/${lib}/src`);

/** Where the repository keeps a problem's records. */
export function recordsFile(problem: string): string {
  return fileURLToPath(new URL(`./runs/${problem}.jsonl`, import.meta.url));
}

/** @throws {Error} if the file is there and has other settings: runs of different problems must not mix. */
export function openRecords(file: string, header: RecordsHeader): RunRecord[] {
  if (!existsSync(file)) appendJsonLine(file, header);
  const records = readRecords(file);
  if (JSON.stringify(records.header) !== JSON.stringify(header))
    throw new Error(`${file} holds records of other settings: name another file by --records`);
  return records.runs;
}

/** @throws {Error} without such a file. */
export function readRecords(file: string): { readonly header: RecordsHeader; readonly runs: RunRecord[] } {
  const [header, ...runs] = readJsonLines<RecordsHeader | RunRecord>(file);
  if (!header) throw new Error(`no records in ${file}: make some by npm run bench -- recorded`);
  const last = new Map((runs as RunRecord[]).map((run) => [keyOf(run), run]));
  return { header: header as RecordsHeader, runs: [...last.values()] };
}

/** Of all that decides what a run comes to. */
export function digestOfRuns(problem: RecordedProblem): string {
  return digestOfSources(problem, sources);
}
