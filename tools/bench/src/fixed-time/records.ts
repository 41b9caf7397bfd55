import { fileURLToPath } from "node:url";
import type { Cost } from "@superbatch/training";
import { appendJsonLine, readJsonLines } from "../json-lines.ts";

/** One finished run. Times are the training thread's CPU seconds. */
export interface RunRecord {
  readonly method: string;
  readonly seed: number;
  /** Budget. */
  readonly seconds: number;
  /** On the 10,000 test images, at the end. */
  readonly testError: number;
  readonly validationError: number;
  readonly steps: number;
  readonly importanceSteps: number;
  readonly epochs: number;
  /** Largest tracked τ of the run. */
  readonly largestTau: number;
  readonly cost: Cost;
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly seconds: number;
  readonly epoch: number;
  readonly validationError: number;
  readonly trainLoss: number;
  readonly tau: number;
}

const file = fileURLToPath(new URL("./recorded.jsonl", import.meta.url));

/** All recorded runs; of several with one method, seed and budget the last. */
export function readRecords(): RunRecord[] {
  return [...new Map(readJsonLines<RunRecord>(file).map((record) => [keyOf(record), record])).values()];
}

export function appendRecord(record: RunRecord): void {
  appendJsonLine(file, record);
}

export function keyOf({ method, seed, seconds }: Pick<RunRecord, "method" | "seed" | "seconds">): string {
  return `${method} ${seed} ${seconds}`;
}
