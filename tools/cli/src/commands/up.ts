import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Stack, startStack } from "@superbatch/launcher";
import type { Command } from "commander";
import { integer } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import { startProgress } from "../output/progress.ts";

/** Options of commands that start services. */
export function stackOptions(command: Command): Command {
  return command
    .option("--state-dir <folder>", "where the store and the logs are kept", ".superbatch")
    .option(
      "--port <number>",
      "first port; services take this and the next ones (default: 7601, or free ones)",
      integer(1024, 65_000),
    )
    .option("--trainer-option <text...>", "further options for the trainers, such as --trainer-option=--backend=wasm");
}

export interface StackFlags {
  readonly stateDir: string;
  readonly port?: number;
  readonly trainerOption?: string[];
}

export function addUpCommand(program: Command, action: Action): void {
  stackOptions(program.command("up").description("run all services on this machine until Ctrl-C"))
    .option(
      "--trainers <number>",
      "trainers of this suite to start; they lease from every active study whose requirements they meet",
      integer(0, 64),
      0,
    )
    .action(action(up));
}

/** Starts the services of this machine. The caller stops them. */
export async function startServices({ io }: Context, flags: StackFlags, trainers: number): Promise<Stack> {
  const stateDir = resolve(flags.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const progress = startProgress(io, "Starting services", 0);
  try {
    return await startStack({
      stateDir,
      ...(flags.port !== undefined && { port: flags.port }),
      trainers,
      trainerArgs: flags.trainerOption ?? [],
    });
  } finally {
    progress.stop();
  }
}

async function up(context: Context, _: string[], options: StackFlags & { readonly trainers: number }): Promise<void> {
  const { io, out } = context;
  const stack = await startServices(context, options, options.trainers);
  try {
    const services = {
      optimizer: stack.optimizerAddress,
      "surrogate-model": stack.surrogateAddress,
      "importance-sampler": stack.samplerAddress,
      dashboard: stack.dashboardUrl,
      ...Object.fromEntries(stack.trainerAddresses.map((address, i) => [`trainer-${i + 1}`, address])),
    };
    out.data(services, "line");
    out.table(["service", "address"], Object.entries(services));
    out.print(`State and logs are in ${resolve(options.stateDir)}. Ctrl-C stops all services.`);
    const interrupted = io.signal.aborted ? Promise.resolve() : once(io.signal, "abort");
    await Promise.race([interrupted, stack.failed]);
  } finally {
    await stack.stop();
  }
}
