import { Command, InvalidArgumentError, Option } from "commander";

const algorithms = [
  "entropy-search",
  "max-value-entropy",
  "knowledge-gradient",
  "expected-improvement",
  "tpe",
  "asha",
  "random",
  "sobol",
] as const;

export interface LauncherOptions {
  readonly dataset: string;
  readonly dataDir?: string;
  readonly architecture?: string;
  readonly trials?: number;
  readonly costBudget?: number;
  readonly trainers: number;
  readonly algorithm: (typeof algorithms)[number];
  readonly seed: number;
  readonly backend?: string;
  readonly port?: number;
  readonly stateDir: string;
  readonly study?: string;
  readonly fresh: boolean;
}

/** @param argv - without node and script. Prints help or an error and exits where commander does. */
export function parseOptions(argv: readonly string[]): LauncherOptions {
  const program = new Command("npm start --")
    .description(
      "Starts the four services and the trainers on this machine, tunes a network on a data set, and ends with a recommendation.\n" +
        "Started again with the same options it goes on where it stopped; Ctrl-C stops it cleanly.",
    )
    .addOption(
      new Option("--dataset <name>", "data set").choices(["digits", "cifar10", "cifar100", "mnist"]).default("digits"),
    )
    .option(
      "--data-dir <folder>",
      "folder with the data set's files (default: $SUPERBATCH_DATA_DIR, else downloaded; digits needs none)",
    )
    .addOption(
      new Option("--architecture <name>", "network (default: the data set's preset)").choices([
        "mlp",
        "small_cnn",
        "resnet8",
        "resnet20",
      ]),
    )
    .option("--trials <number>", "completed trials to end with (default: the data set's preset)", integer(1, 1_000_000))
    .option(
      "--cost-budget <seconds>",
      "training seconds to end with, summed over the trials (default: no limit)",
      positive,
    )
    .option("--trainers <number>", "trainers to start on this machine", integer(1, 64), 2)
    .addOption(new Option("--algorithm <name>", "how points are chosen").choices(algorithms).default("entropy-search"))
    .option(
      "--seed <number>",
      "seed of all that is random; with one trainer the same points are tried again",
      integer(0, 2 ** 53 - 1),
      1,
    )
    .option("--backend <name>", "what trainers compute with: auto, wasm, tensorflow, webgpu (default: auto)")
    .option(
      "--port <number>",
      "first of the ports to listen on; the processes take this and the next ones (default: 7601, or free ones)",
      integer(1024, 65_000),
    )
    .option("--state-dir <folder>", "where the store, logs and results are kept", ".superbatch")
    .option(
      "--study <id>",
      "id of the study (default: from the options above); the same id goes on with the same study",
    )
    .option("--fresh", "begin a new study even if one with these options exists", false)
    .helpOption("--help", "print this")
    .showHelpAfterError("(npm start -- --help lists the options)");
  program.parse([...argv], { from: "user" });
  return program.opts<LauncherOptions>();
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}
