import { createHash } from "node:crypto";
import { appendFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Method } from "./methods.ts";

/** One recorded study. */
export interface StudyRecord {
  readonly method: string;
  readonly problem: string;
  readonly seed: number;
  /** Of the method's settings and, but for peers, of the sources that decide what it does. */
  readonly digest: string;
  /** Trials within the last checkpoint. */
  readonly trials: number;
  /** Seconds that the study took, on whatever machine. */
  readonly seconds: number;
  /** Simple regret at each checkpoint. */
  readonly regret: readonly number[];
}

const repository = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = fileURLToPath(new URL("./recorded/", import.meta.url));

/** All recorded studies of a method; of several with one problem and seed the last. */
export function readRecords(method: string): StudyRecord[] {
  const file = fileOf(method);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const records = lines.map((line) => JSON.parse(line) as StudyRecord);
  return [...new Map(records.map((record) => [`${record.problem} ${record.seed}`, record])).values()];
}

/** Adds a study, as one line of JSON. */
export function appendRecord(record: StudyRecord): void {
  mkdirSync(folder, { recursive: true });
  const regret = record.regret.map((value) => Number(value.toPrecision(4)));
  appendFileSync(fileOf(record.method), `${JSON.stringify({ ...record, regret })}\n`);
}

/** Writes a method's records anew: one for each problem and seed, in order. */
export function tidyRecords(method: string): void {
  const records = readRecords(method).sort((a, b) => a.problem.localeCompare(b.problem) || a.seed - b.seed);
  if (records.length > 0)
    writeFileSync(fileOf(method), `${records.map((record) => JSON.stringify(record)).join("\n")}\n`);
}

/** What a method's results depend on: settings, and for our own methods the sources of all that they use. */
export function digestOf({ role, settings }: Method): string {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  if (role !== "peer") hash.update(sources());
  return hash.digest("hex").slice(0, 12);
}

let hashed: string | undefined;

function sources(): string {
  if (hashed) return hashed;
  const folders = ["acquisition", "gp", "linalg", "random", "search-space"].map((lib) => `libs/${lib}/src`);
  const files = [...folders, "services/optimizer/src/domain/suggest"]
    .flatMap((each) => globSync(`${each}/**/*.ts`, { cwd: repository }))
    .filter((file) => !/\.test\.ts$|\/testing\b/.test(file))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(repository, file)));
  hashed = hash.digest("hex");
  return hashed;
}

function fileOf(method: string): string {
  return join(folder, `${method}.jsonl`);
}
