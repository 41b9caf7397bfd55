import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { atLeast, atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { appendJsonLine, readJsonLines, writeJsonLines } from "../json-lines.ts";
import { someOf } from "../options.ts";
import { problems } from "../regret/problems.ts";
import { meanOf } from "../regret/summary.ts";
import { contenders, samples } from "../surrogates/contenders.ts";
import { startServices } from "../surrogates/services.ts";
import { budgets, runStudy, type StudyRecord } from "../surrogates/study.ts";
import { median } from "../timing.ts";

const file = fileURLToPath(new URL("../surrogates/recorded.jsonl", import.meta.url));
const problemNames = problems.map(({ name }) => name);
const surrogateNames = contenders.map(({ name }) => name);

interface SurrogatesOptions {
  readonly problems: readonly string[];
  readonly surrogates: readonly string[];
  readonly seeds: number;
  readonly multiFidelity: boolean;
  readonly recorded: boolean;
}

const benchmark: Benchmark = {
  name: "surrogates",
  description: "Regret of one study with each surrogate, by the real services, on the problems of `regret`.",
  configure(command: Command) {
    command
      .option("--problems <names>", `of ${problemNames.join(", ")}`, someOf(problemNames), problemNames)
      .option("--surrogates <names>", `of ${surrogateNames.join(", ")}`, someOf(surrogateNames), surrogateNames)
      .option("--seeds <count>", "studies of each surrogate on each problem", Number, 2)
      .option("--multi-fidelity", "let the algorithm choose the fidelity too: several times as many trials", false)
      .option("--recorded", "run nothing: table and bars of what is recorded", false);
  },
  async run({ quick, given, log }) {
    const options = given as unknown as SurrogatesOptions;
    const chosen = quick ? { ...options, problems: options.problems.slice(0, 1), seeds: 1 } : options;
    if (!options.recorded) await record(chosen, log);
    const records = read().filter(
      ({ problem, surrogate, seed, multiFidelity }) =>
        chosen.problems.includes(problem) &&
        chosen.surrogates.includes(surrogate) &&
        seed <= chosen.seeds &&
        multiFidelity === chosen.multiFidelity,
    );
    return {
      columns: [
        "problem",
        "surrogate",
        "seeds",
        ...budgets.map((budget) => `regret at ${budget}`),
        `worst at ${budgets.at(-1)}`,
        "trials",
        "by model",
        "failures",
        "s per suggestion",
      ],
      rows: problemNames.flatMap((problem) =>
        surrogateNames.flatMap((surrogate) => rowOf(records, problem, surrogate)),
      ),
      bars: bars(records),
      notes: [
        `Mean simple regret over seeds at the target fidelity after ${budgets.join(", ")} full evaluations' cost; entropy search per cost in each, ${samples} samples, one trial at a time, ` +
          (chosen.multiFidelity ? "fidelity chosen with the point." : "fidelity held at the target."),
        "Seconds are the median wait for a trial that the surrogate chose, fits included, on one thread each of a machine that does other things besides.",
      ],
    };
  },
};

export default benchmark;

/** Runs what is not recorded yet, seed by seed over all, so that what is there when it is interrupted is balanced. */
async function record(options: SurrogatesOptions, log: (line: string) => void): Promise<void> {
  const { multiFidelity } = options;
  const done = new Set(read().map(keyOf));
  const tasks = Array.from({ length: options.seeds }, (_, index) => index + 1)
    .flatMap((seed) =>
      options.problems.flatMap((problem) =>
        options.surrogates.map((surrogate) => ({ seed, problem, surrogate, multiFidelity })),
      ),
    )
    .filter((task) => !done.has(keyOf(task)));
  if (tasks.length === 0) return;
  const services = await startServices(
    options.surrogates.filter((name) => name !== "random"),
    log,
  );
  try {
    for (const [i, { problem, surrogate, seed }] of tasks.entries()) {
      const started = performance.now();
      const chosen = problems.find(({ name }) => name === problem)!;
      const study = await runStudy(services.client, chosen, surrogate, seed, multiFidelity);
      const rounded = {
        ...study,
        regret: study.regret.map((value) => Number(value.toPrecision(4))),
        seconds: Number(study.seconds.toPrecision(3)),
      };
      appendJsonLine(file, rounded);
      const took = ((performance.now() - started) / 1000).toFixed(0);
      log(`${i + 1}/${tasks.length} ${problem}, ${surrogate}, seed ${seed}: ${took} s, ${rounded.regret.join(" ")}`);
    }
  } finally {
    services.stop();
  }
  const order = (study: StudyRecord) =>
    (problemNames.indexOf(study.problem) * 100 + surrogateNames.indexOf(study.surrogate)) * 1000 + study.seed;
  const sorted = read().sort((a, b) => order(a) - order(b));
  writeJsonLines(file, sorted);
}

function read(): StudyRecord[] {
  return readJsonLines<StudyRecord>(file);
}

function rowOf(records: readonly StudyRecord[], problem: string, surrogate: string): (string | number)[][] {
  const studies = records.filter((each) => each.problem === problem && each.surrogate === surrogate);
  if (studies.length === 0) return [];
  const at = (index: number) => studies.map(({ regret }) => regret[index]!);
  const last = budgets.length - 1;
  return [
    [
      problem,
      contenders.find(({ name }) => name === surrogate)!.title,
      studies.length,
      ...budgets.map((_, index) => meanOf(at(index))),
      Math.max(...at(last)),
      Math.round(meanOf(studies.map(({ trials }) => trials))),
      Math.round(meanOf(studies.map(({ modelled }) => modelled))),
      studies.reduce((sum, { failures }) => sum + failures, 0),
      median(studies.map(({ seconds }) => seconds)),
    ],
  ];
}

/** A surrogate is worth swapping in only if it beats search without one. */
function bars(records: readonly StudyRecord[]): Bar[] {
  const regrets = (problem: string, surrogate: string) =>
    records
      .filter((each) => each.problem === problem && each.surrogate === surrogate)
      .map(({ regret }) => regret.at(-1)!);
  const compared = contenders.filter(
    ({ name }) => name !== "random" && records.some((each) => each.surrogate === name),
  );
  const wins = compared.map(({ name, title }) => {
    const judged = problemNames.filter(
      (problem) => regrets(problem, name).length > 0 && regrets(problem, "random").length > 0,
    );
    const won = judged.filter((problem) => meanOf(regrets(problem, name)) < meanOf(regrets(problem, "random")));
    return atLeast(
      `${title}: share of the problems on which it beats random search`,
      judged.length ? won.length / judged.length : 0,
      0.8,
    );
  });
  const failures = records.reduce((sum, each) => sum + each.failures, 0);
  return [...wins, atMost("trials for which a surrogate failed or was late", failures, 0)];
}

function keyOf({
  problem,
  surrogate,
  seed,
  multiFidelity,
}: Pick<StudyRecord, "problem" | "surrogate" | "seed" | "multiFidelity">): string {
  return `${problem} ${surrogate} ${seed} ${multiFidelity}`;
}
