import { Command, InvalidArgumentError } from "commander";

export interface FuzzOptions {
  readonly requests: number;
  readonly concurrency: number;
  readonly seed: number;
  /** Folder for logs, the store, and requests that failed. A temporary one, kept after a failure, without it. */
  readonly folder?: string;
  /** Part of a method's name: only these are called. */
  readonly only?: string;
  /** A request that failed, as a file of an earlier run: sent again, alone. */
  readonly replay?: string;
}

const whole = (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("must be a whole number of at least 1");
  return value;
};

/** @param args - the command line without the program's name. Ends the process on --help and on what it does not understand. */
export function readOptions(args: readonly string[]): FuzzOptions {
  return new Command("npm run fuzz --")
    .description(
      "Sends mutated requests of every call of every service to real processes. Exit status 1 if one is answered with INTERNAL, UNKNOWN or " +
        "not at all, if a process ends, or if its memory grows on and on.",
    )
    .option("--requests <count>", "requests in all", whole, 100_000)
    .option("--concurrency <count>", "calls at a time", whole, 16)
    .option("--seed <number>", "of the mutations", whole, 1)
    .option("--folder <folder>", "where logs and failed requests are kept")
    .option("--only <text>", "call only methods with this in their name")
    .option("--replay <file>", "send one request of an earlier run again")
    .parse([...args], { from: "user" })
    .opts<FuzzOptions>();
}
