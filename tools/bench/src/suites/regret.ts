import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import type { Command } from "commander";
import type { Benchmark } from "../benchmark.ts";
import { describeStanding, standingOf } from "../confirmed.ts";
import { seedRange, someOf } from "../options.ts";
import { installPython } from "../python.ts";
import { regretBars } from "../regret/bars.ts";
import { drawRegret } from "../regret/figure.ts";
import { type Method, methods } from "../regret/methods.ts";
import { runStudies } from "../regret/pool.ts";
import { problems } from "../regret/problems.ts";
import { appendRecord, digestOf, readRecords, type StudyRecord, tidyRecords } from "../regret/records.ts";
import { summarize } from "../regret/summary.ts";
import type { StudyTask } from "../regret/worker.ts";

interface RegretOptions {
  readonly problems: readonly string[];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly recorded: boolean;
  readonly keep: boolean;
  readonly workers: number;
  readonly figure?: string;
}

const problemNames = problems.map(({ name }) => name);
const methodNames = methods.map(({ name }) => name);

const benchmark: Benchmark = {
  name: "regret",
  description: "Simple regret at the target fidelity over six synthetic multi-fidelity problems, by cost spent.",
  configure(command: Command) {
    command
      .option("--problems <names>", `of ${problemNames.join(", ")}`, someOf(problemNames), problemNames)
      .option("--methods <names>", `of ${methodNames.join(", ")}`, someOf(methodNames), methodNames)
      .option("--seeds <range>", "a count, or first-last", seedRange, seedRange("20"))
      .option("--recorded", "run nothing: table, figure and bars of what is recorded", false)
      .option("--keep", "run only what is not recorded at all, whatever version of the sources recorded it", false)
      .option("--figure <file>", "write an SVG figure: median with quartiles and worst seed against cost")
      .option("--workers <count>", "studies at a time", Number, availableParallelism());
  },
  async run({ quick, given, log }) {
    const options = given as unknown as RegretOptions;
    const chosen = methods.filter(({ name }) => options.methods.includes(name));
    const seeds = quick ? options.seeds.slice(0, 2) : options.seeds;
    if (!options.recorded) await record(chosen, { ...options, seeds }, log);
    const records = chosen
      .flatMap(({ name }) => readRecords(name))
      .filter(({ problem, seed }) => options.problems.includes(problem) && seeds.includes(seed));
    const summaries = summarize(records);
    if (options.figure) {
      mkdirSync(dirname(options.figure), { recursive: true });
      writeFileSync(options.figure, drawRegret(records));
    }
    return {
      columns: [
        "problem",
        "method",
        "budget",
        "seeds",
        "mean",
        "95% lower",
        "95% upper",
        "quartile",
        "median",
        "quartile",
        "worst",
      ],
      rows: summaries.map(({ interval, ...each }) => [
        each.problem,
        each.method,
        each.budget,
        each.seeds,
        each.mean,
        ...interval,
        each.lower,
        each.median,
        each.upper,
        each.worst,
      ]),
      bars: regretBars(summaries),
      notes: notesOn(records),
    };
  },
};

export default benchmark;

/** Which records do not come from the sources as they are, and which methods have none. */
function notesOn(records: readonly StudyRecord[]): string[] {
  const notes = [
    "A bar counts a problem only if entropy search per cost is recorded there for as many seeds as each rival that it is compared with.",
  ];
  for (const method of methods) {
    const own = records.filter((record) => record.method === method.name);
    const sources = describeStanding(standingOf(own, digestOf(method)));
    if (own.length === 0) notes.push(`${method.title}: not recorded.`);
    else if (sources) notes.push(`${method.title}: ${sources}`);
  }
  return notes;
}

/** Runs what is missing, seed by seed over all problems and methods, so that what is there when it is interrupted is balanced. */
async function record(chosen: readonly Method[], options: RegretOptions, log: (line: string) => void): Promise<void> {
  const digests = new Map(chosen.map((method) => [method.name, digestOf(method)]));
  const done = new Set(
    chosen
      .flatMap(({ name }) => readRecords(name))
      .filter(({ method, digest }) => options.keep || digest === digests.get(method))
      .map(keyOf),
  );
  const tasks = options.seeds
    .flatMap((seed) =>
      options.problems.flatMap((problem) => chosen.map(({ name: method }): StudyTask => ({ problem, method, seed }))),
    )
    .filter((task) => !done.has(keyOf(task)));
  if (tasks.length === 0) return;
  if (chosen.some(({ role }) => role === "peer")) installPython(["botorch"], log);
  let count = 0;
  await runStudies(tasks, options.workers, (task, { regret, trials, seconds }) => {
    appendRecord({ ...task, digest: digests.get(task.method)!, trials, seconds, regret });
    log(
      `${++count}/${tasks.length} ${task.problem}, ${task.method}, seed ${task.seed}: ${seconds} s, ${regret.at(-1)!.toPrecision(3)}`,
    );
  });
  for (const { name } of chosen) tidyRecords(name);
}

function keyOf({ problem, method, seed }: StudyTask): string {
  return `${problem} ${method} ${seed}`;
}
