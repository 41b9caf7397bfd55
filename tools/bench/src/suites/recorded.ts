// Real trainings over a quasi-random design of hyperparameters, super-batches and shares of the data: what the studies of `evidence` replay.
import { type BackendName, backendNames, datasetNames } from "@superbatch/training";
import type { Command } from "commander";
import type { Benchmark } from "../benchmark.ts";
import { count, oneOf } from "../options.ts";
import { type Cell, cellsOf, distinctCells, sameCell } from "../recorded/design.ts";
import { type RecordedProblem, recordedProblem, recordedProblems } from "../recorded/problem.ts";
import { record } from "../recorded/record.ts";
import { digestOfRuns, type RunRecord, readRecords, recordsFile } from "../recorded/records.ts";
import { meanOf } from "../regret/summary.ts";

interface RecordedOptions extends Partial<Pick<RecordedProblem, Overridable>> {
  readonly problem: string;
  readonly dataDir?: string;
  readonly records?: string;
  readonly runs: number;
  readonly best: number;
  readonly minutes: number;
  readonly runMinutes: number;
  readonly workers: number;
  readonly threads: number;
  readonly backend: BackendName;
  readonly recorded: boolean;
}

const overridable = [
  "dataset",
  "architecture",
  "width",
  "resolution",
  "trainExamples",
  "validationExamples",
  "testExamples",
  "batchSize",
  "epochs",
  "evaluationEpochs",
  "levels",
] as const;
type Overridable = (typeof overridable)[number];

const problemNames = recordedProblems.map(({ name }) => name);

const benchmark: Benchmark = {
  name: "recorded",
  description:
    "Records real trainings over hyperparameters, super-batches and shares of the data, for `npm run evidence`.",
  configure(command: Command) {
    command
      .option("--problem <name>", `one of ${problemNames.join(", ")}`, oneOf(problemNames), "cifar10")
      .option("--runs <count>", "runs of the design that there shall be in the end", count, 600)
      .option(
        "--best <count>",
        "of the best points, how many are trained again with three more seeds at each target",
        count,
        0,
      )
      .option("--minutes <count>", "begins no run later than this", Number, 600)
      .option("--run-minutes <count>", "kills a run that takes longer", Number, 20)
      .option("--workers <count>", "runs at a time, each in a process", count, 1)
      .option("--threads <count>", "of a run; with one its CPU seconds are its cost, else wall seconds", count, 1)
      .option("--backend <name>", `one of ${backendNames.join(", ")}`, oneOf(backendNames), "wasm")
      .option("--data-dir <folder>", "the data set's files; default the variable SUPERBATCH_DATA_DIR")
      .option("--records <file>", "in place of the repository's; a must if one of the following is given")
      .option("--dataset <name>", `one of ${datasetNames.join(", ")}`, oneOf(datasetNames))
      .option("--architecture <name>", "as trials name it: small_cnn, resnet56, …")
      .option("--width <factor>", "multiplies the channels", Number)
      .option("--resolution <pixels>", "images are reduced to so many per side; 0: as they are", Number)
      .option("--train-examples <count>", "|D|; all: what is not set aside", (given) =>
        given === "all" ? given : count(given),
      )
      .option("--validation-examples <count>", "set aside from the training split", count)
      .option("--test-examples <count>", "of the test split", count)
      .option("--batch-size <count>", "b", count)
      .option("--epochs <count>", "of each run", count)
      .option("--evaluation-epochs <count>", "between two points of the curve", count)
      .option("--levels <multiples>", "super-batches as multiples of b, with commas between, ascending", (given) =>
        given.split(",").map(count),
      )
      .option("--recorded", "train nothing: table of what is recorded", false);
  },
  async run({ quick, given, log }) {
    const options = given as unknown as RecordedOptions;
    const changed = overridable.some((name) => options[name] !== undefined);
    if (changed && options.records === undefined)
      throw new Error("name a file for runs of other settings by --records");
    const problem = problemOf(options);
    const file = options.records ?? recordsFile(problem.name);
    const dataDir = options.dataDir ?? process.env.SUPERBATCH_DATA_DIR;
    const runs = quick ? Math.min(options.runs, cellsOf(problem).length) : options.runs;
    if (!options.recorded)
      await record({ ...options, problem, file, runs, log, ...(dataDir !== undefined && { dataDir }) });
    const { header, runs: records } = readRecords(file);
    return {
      columns: [
        "examples",
        "level",
        "runs",
        "diverged",
        "lowest error",
        "median",
        "epochs by importance",
        "largest τ",
        "seconds",
      ],
      rows: distinctCells(header.problem).map((cell) => rowOf(header.problem, cell, records)),
      bars: [],
      notes: [
        `${records.length} runs in ${file}; validation error at the end; ${header.clock}, evaluations left out.`,
        ...olderNote(header.problem, records),
      ],
    };
  },
};

export default benchmark;

function problemOf(options: RecordedOptions): RecordedProblem {
  const base = recordedProblem(options.problem);
  const changes = overridable.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]);
  const { resolution, ...problem } = { ...base, ...Object.fromEntries(changes) } as RecordedProblem;
  if (problem.epochs % problem.evaluationEpochs !== 0)
    throw new Error("the epochs must be a multiple of those between two evaluations");
  return { ...problem, ...(resolution && { resolution }) };
}

function rowOf({ epochs }: RecordedProblem, cell: Cell, records: readonly RunRecord[]): (string | number)[] {
  const { family, level } = cell;
  const runs = records.filter((run) => sameCell(run, cell));
  const whole = runs.filter(({ ending }) => ending === "finished");
  const errors = whole.map(({ error }) => error.at(-1)!).sort((a, b) => a - b);
  if (whole.length === 0) return [family, level, runs.length, runs.length, "", "", "", "", ""];
  return [
    family,
    level,
    runs.length,
    runs.length - whole.length,
    errors[0]!,
    errors[errors.length >> 1]!,
    meanOf(whole.map(({ importance, steps }) => (epochs * importance.at(-1)!) / steps)),
    Math.max(...whole.map(({ largestTau }) => largestTau)),
    meanOf(whole.map(({ spent }) => spent.at(-1)!)),
  ];
}

function olderNote(problem: RecordedProblem, records: readonly RunRecord[]): string[] {
  const current = digestOfRuns(problem);
  const older = records.filter(({ digest }) => digest !== current).length;
  return older > 0 ? [`${older} of them were trained by earlier sources.`] : [];
}
