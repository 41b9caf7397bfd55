import { Command, InvalidArgumentError, Option } from "commander";

export interface SoakOptions {
  readonly engine: "postgres" | "sqlite";
  /** Completed trials wanted, over all studies. */
  readonly trials: number;
  readonly trainers: number;
  /** Processes that the trainers are spread over. */
  readonly processes: number;
  /** Optimizers; one over SQLite. */
  readonly replicas: number;
  /** Seconds between faults, on average; 0: no faults. */
  readonly faultSeconds: number;
  /** Longest time that a trainer works on a trial, in seconds. */
  readonly workSeconds: number;
  readonly limitMinutes: number;
  readonly seed: number;
  /** Folder for logs, journals and the SQLite file, kept afterwards; a temporary one that is kept only after a failure without it. */
  readonly folder?: string;
}

const whole = (minimum: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum)
    throw new InvalidArgumentError(`must be a whole number of at least ${minimum}`);
  return value;
};

const positive = (text: string) => {
  const value = Number(text);
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidArgumentError("must be a number of at least 0");
  return value;
};

/** @param args - the command line without the program's name. Ends the process on --help and on what it does not understand. */
export function readOptions(args: readonly string[]): SoakOptions {
  const program = new Command("npm run soak --")
    .description(
      "Runs many trainers against real optimizers while processes are killed, connections break and the database crashes; then an " +
        "independent checker compares the trainers' journals with the database. Exit status 1 if anything was lost, doubled or overspent.",
    )
    .addOption(
      new Option("--engine <engine>", "store of the optimizers").choices(["postgres", "sqlite"]).default("postgres"),
    )
    .option("--quick", "a short run for continuous integration: 400 trials, 20 trainers")
    .option("--trials <count>", "completed trials, over all studies (default: 10000, quick: 400)", whole(10))
    .option("--trainers <count>", "concurrent trainers (default: 200, quick: 20)", whole(4))
    .option("--processes <count>", "processes of trainers (default: 8, quick: 2)", whole(1))
    .option("--replicas <count>", "optimizers over PostgreSQL", whole(1), 2)
    .option("--fault-seconds <seconds>", "average time between faults, 0: none (default: 5, quick: 1)", positive)
    .option("--work-seconds <seconds>", "longest time that a trial takes (default: 3, quick: 1)", positive)
    .option("--limit-minutes <minutes>", "give up after this time", positive, 60)
    .option("--seed <seed>", "of all that is random here", whole(0), 1)
    .option("--folder <path>", "where logs and journals are kept");
  const { quick = false, ...given } = program.parse(args, { from: "user" }).opts();
  const defaults = quick
    ? { trials: 400, trainers: 20, processes: 2, faultSeconds: 1, workSeconds: 1 }
    : { trials: 10_000, trainers: 200, processes: 8, faultSeconds: 5, workSeconds: 3 };
  const options = { ...defaults, ...given } as SoakOptions;
  return options.engine === "sqlite" ? { ...options, replicas: 1 } : options;
}
