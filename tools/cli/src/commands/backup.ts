import { stat } from "node:fs/promises";
import { backupStore, restoreStore } from "@superbatch/store";
import { type Command, Option } from "commander";
import type { Action, Context } from "../context.ts";
import { CommandError, usageError } from "../failure.ts";

const variable = "SUPERBATCH_STORE";

interface StoreFlags {
  readonly store?: string;
  readonly force?: boolean;
}

export function addBackupCommands(program: Command, action: Action): void {
  const store = () =>
    new Option("--store <url>", "the optimizer's store: sqlite:PATH or postgres://HOST/DATABASE").env(variable);
  program
    .command("backup <file>")
    .description("write all that an optimizer's store holds into one file; optimizers may go on working meanwhile")
    .addOption(store())
    .option("--force", "replace the file if there is one", false)
    .action(action(backup));
  program
    .command("restore <file>")
    .description("fill a new, empty store of either engine from a backup; start optimizers on it afterwards")
    .addOption(store())
    .action(action(restore));
}

async function backup({ out }: Context, [file]: string[], { store, force }: StoreFlags): Promise<void> {
  const url = required(store);
  const there = await stat(file!).catch(() => undefined);
  if (there && !force) throw usageError(`${file} is there already`, "Name another file, or replace it with --force.");
  const rows = await backupStore(url, file!).catch(failed("backed up"));
  const { size } = await stat(file!);
  out.data({ file, rows, bytes: size });
  out.print(`Backed up ${rows} rows to ${file} (${Math.max(1, Math.round(size / 1000))} kB)`);
}

async function restore({ out }: Context, [file]: string[], { store }: StoreFlags): Promise<void> {
  const rows = await restoreStore(required(store), file!).catch(failed("restored"));
  out.data({ file, rows });
  out.print(`Restored ${rows} rows from ${file}`);
}

function required(store: string | undefined): string {
  if (store) return store;
  throw usageError("the store is not named", `Name it with --store or in ${variable}, as the optimizer has it.`);
}

function failed(what: string): (error: unknown) => never {
  return (error) => {
    throw new CommandError(`the store was not ${what}: ${error instanceof Error ? error.message : String(error)}`);
  };
}
