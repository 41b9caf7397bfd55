// `npm run evidence`: studies on recorded benchmarks, and the page that tells what came of them.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type BackendName, backendNames } from "@superbatch/training";
import { Command } from "commander";
import { type RegressionName, regressionNames } from "../emulator/model.ts";
import { count, oneOf, seedRange, someOf } from "../options.ts";
import { type RecordedProblem, recordedProblem, recordedProblems } from "../recorded/problem.ts";
import { record } from "../recorded/record.ts";
import { recordsFile } from "../recorded/records.ts";
import { runLiveStudies } from "./live-studies.ts";
import { methods } from "./methods.ts";
import { methodOf, readStudies, studiesFile, studiesFolder, tidyStudies } from "./records.ts";
import type { Switch } from "./replay.ts";
import { standardStudies, writeReport } from "./report.ts";
import { retrain } from "./retrained.ts";
import { checkpoints, runStudies } from "./run-studies.ts";

interface EvidenceOptions {
  readonly record?: string;
  readonly problem: string;
  readonly runs: number;
  readonly backend: BackendName;
  readonly run: boolean;
  readonly live: boolean;
  readonly retrain: boolean;
  readonly dataDir?: string;
  readonly slice: boolean;
  readonly records?: string;
  readonly folder?: string;
  readonly switch: Switch;
  readonly emulator: RegressionName;
  readonly methods?: readonly string[];
  readonly seeds?: readonly number[];
  readonly workers: number;
  readonly minutes?: number;
  readonly keep: boolean;
}

const switches = ["always", "published"] as const satisfies readonly Switch[];
const problemNames = recordedProblems.map(({ name }) => name);
/** Of which the repository has trainings and studies; its page is about the first and has a section on the second. */
const recorded = ["cifar10", "digits"] as const;
const methodNames = methods.map(({ name }) => name);
const standard = methods.filter(({ role }) => role !== "variant").map(({ name }) => name);
/** The main four: what is claimed to win, and what it is claimed to beat. */
const liveMethods = ["entropy-search", "entropy-search-uniform", "expected-improvement", "random"];
const log = (line: string) => console.error(line);

const program = new Command("npm run evidence --")
  .description(
    "Writes docs/evidence.md and its figures from recorded trainings and recorded studies; can run more studies first.",
  )
  .option(
    "--record <problem>",
    `first train what is not recorded yet of ${problemNames.join(", ")}, into FOLDER/PROBLEM.jsonl; goes on where it was interrupted`,
    oneOf(problemNames),
  )
  .option(
    "--problem <name>",
    `of the repository's records, what --run and --retrain are about: ${recorded.join(", ")}`,
    oneOf(recorded),
    recorded[0],
  )
  .option("--runs <count>", "trainings of --record that there shall be in the end", count, 600)
  .option("--backend <name>", `of --record: ${backendNames.join(", ")}`, oneOf(backendNames), "webgpu")
  .option(
    "--run",
    "first run the studies that are not recorded yet, by the optimizer's and the surrogate's services",
    false,
  )
  .option(
    "--live",
    `first run the studies with real trainings that are not recorded yet: by default 3 seeds of ${liveMethods.join(", ")}`,
    false,
  )
  .option(
    "--retrain",
    "first train the recommendations of studies that were not trained yet, by seeds that no study has seen",
    false,
  )
  .option("--data-dir <folder>", "of the data set of --record, --live and --retrain (default: SUPERBATCH_DATA_DIR)")
  .option("--records <file>", "recorded trainings in place of the repository's")
  .option("--folder <folder>", "page, figures and studies of other records: a must with --records and --record")
  .option("--switch <kind>", `when trials sample by importance: ${switches.join(", ")}`, oneOf(switches), "always")
  .option("--emulator <name>", `what --run replays: ${regressionNames.join(", ")}`, oneOf(regressionNames), "gp")
  .option("--methods <names>", `of ${methodNames.join(", ")} (default: all but variants)`, someOf(methodNames))
  .option("--seeds <range>", "a count, or first-last (default: 30)", seedRange)
  .option("--workers <count>", "simulated trainers", count, 1)
  .option("--minutes <count>", "begins no study later than this", Number)
  .option("--keep", "let studies stand that earlier sources or fewer recorded trainings gave", false)
  .option("--slice", "a few short studies end to end, kept nowhere: to try it out", false)
  .parse();
const options = program.opts<EvidenceOptions>();
const { dataDir = process.env.SUPERBATCH_DATA_DIR } = options;

const others = options.records ?? recordsOf(options);
if ((others === undefined && !options.record) !== (options.folder === undefined))
  program.error("--folder belongs together with --records or --record, which need it");

if (options.slice) await slice();
else {
  const records = others ?? recordsFile(options.problem);
  const studies = options.folder ? join(options.folder, "studies") : studiesFolder(options.problem);
  if (options.record) await recordTrainings(recordedProblem(options.record), records);
  if (options.run) await run(records, studies);
  if (options.live) await live(records, studies);
  if (options.retrain) await retrainAll(records, studies);
  writeReport(
    options.folder ? { records, studies, folder: options.folder, log } : { records: recordsFile(recorded[0]), log },
  );
}

/** Where --record records. */
function recordsOf({ record, folder }: EvidenceOptions): string | undefined {
  return record && folder && join(folder, `${record}.jsonl`);
}

async function recordTrainings(problem: RecordedProblem, file: string): Promise<void> {
  const { runs, backend, minutes = Number.POSITIVE_INFINITY } = options;
  mkdirSync(dirname(file), { recursive: true });
  const one = { workers: 1, threads: 1, best: 0, runMinutes: 1000 };
  try {
    await record({ ...one, problem, file, runs, backend, dataDir, minutes, log });
  } catch (error) {
    program.error((error as Error).message);
  }
}

async function run(records: string, folder: string): Promise<void> {
  const chosen = (options.methods ?? standard).map(methodOf);
  const { seeds = seedRange("30"), workers, keep, minutes, emulator } = options;
  const replayed = { importance: options.switch, emulator };
  const limits = minutes === undefined ? {} : { minutes };
  await runStudies({ ...replayed, records, methods: chosen, seeds, workers, keep, folder, ...limits, log });
  for (const { name } of chosen) tidyStudies(studiesFile(replayed, name, folder));
}

async function live(records: string, folder: string): Promise<void> {
  const chosen = (options.methods ?? liveMethods).map(methodOf);
  const { seeds = seedRange("3"), minutes } = options;
  await runLiveStudies({
    records,
    methods: chosen,
    seeds,
    dataDir,
    folder,
    ...(minutes !== undefined && { minutes }),
    log,
  });
}

async function retrainAll(records: string, folder: string): Promise<void> {
  const chosen = new Set(options.methods ?? standard);
  const studies = standardStudies(folder).filter(([{ name }]) => chosen.has(name));
  const { seeds = seedRange("30"), minutes } = options;
  await retrain({ records, studies, seeds, dataDir, folder, ...(minutes !== undefined && { minutes }), log });
}

/** Two seeds of two methods, to a quarter of the budget. @throws {Error} if something did not come out as it must. */
async function slice(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-evidence-"));
  try {
    const chosen = ["entropy-search", "random"].map(methodOf);
    const seeds = [0, 1];
    const records = recordsFile("cifar10");
    const short = checkpoints.slice(0, 4);
    const options = { records, importance: "always", methods: chosen, seeds, workers: 1, keep: false } as const;
    await runStudies({ ...options, checkpoints: short, folder, log });
    for (const { name } of chosen) {
      const studies = readStudies(studiesFile(options, name, folder));
      const judged = studies.filter(
        ({ uniform }) => uniform.length === short.length && uniform.every((error) => error < 0.9),
      );
      if (judged.length !== seeds.length)
        throw new Error(`${name}: ${judged.length} of ${seeds.length} studies were judged`);
    }
    writeReport({ records, studies: folder, folder: join(folder, "docs"), log });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
