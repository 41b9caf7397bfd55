import { surrogate } from "@superbatch/contracts";
import {
  type CheckResult,
  examineSurrogate,
  type SurrogateCheck,
  surrogateCheckGroups,
} from "@superbatch/contracts/surrogate-suite";
import { createClient } from "@superbatch/rpc";
import { type Command, Option } from "commander";
import type { Action, Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { failureLines, failureOf, usageError } from "../failure.ts";

interface Options {
  readonly patience: string;
  readonly group?: SurrogateCheck["group"];
}

export function addSurrogateCommands(program: Command, action: Action): void {
  program
    .command("surrogate")
    .description("models that a study can be searched with")
    .command("check")
    .description("examine a surrogate server: whether it keeps the contract, and what it breaches")
    .argument("<host:port>", "the server; --authority, --certificate, --key and --token-file hold for it")
    .option("--patience <seconds>", "longest wait for a small fit after long ones were cancelled", "60")
    .addOption(new Option("--group <name>", "only the checks of one group").choices([...surrogateCheckGroups]))
    .action(action(check));
}

async function check({ out, settings }: Context, [address]: string[], options: Options): Promise<ExitCode> {
  const patienceSeconds = Number(options.patience);
  if (!(patienceSeconds > 0)) throw usageError(`--patience ${options.patience}: must be a number of seconds above 0`);
  // An answer that comes only when asked again is a breach too.
  const handle = createClient(surrogate.SurrogateServiceDefinition, address!, {
    ...settings.client,
    retry: { calls: "none" },
  });
  const results: CheckResult[] = [];
  try {
    for await (const result of examineSurrogate(handle.client, {
      patienceSeconds,
      ...(options.group && { group: options.group }),
    })) {
      results.push(result);
      const { group, name, breach } = result;
      out.print(
        `${breach === undefined ? out.color("green", "ok    ") : out.color("red", "BREACH")}  ${group}: ${name}`,
      );
      if (breach !== undefined) out.print(`        ${breach}`);
    }
  } catch (error) {
    // The address of this command, not that of the optimizer.
    const failure = failureOf(error, address!);
    if (out.json) throw error;
    for (const line of failureLines(failure)) out.note(line);
    return failure.exitCode;
  } finally {
    handle.close();
  }
  const breaches = results.filter(({ breach }) => breach !== undefined).length;
  out.data({ address, passed: breaches === 0, checks: results });
  out.print(
    breaches === 0
      ? `${address} keeps the contract of a surrogate: ${results.length} checks`
      : `${address} breaches the contract in ${breaches} of ${results.length} checks`,
  );
  return breaches === 0 ? exitCodes.ok : exitCodes.failed;
}
