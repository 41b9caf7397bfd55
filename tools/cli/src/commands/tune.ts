import { join } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { createView, studyPage, watchStudy } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";
import type { Command } from "commander";
import type { Action, Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { idOf } from "../output/words.ts";
import { readStudyFile, type StudyFile } from "../study-file/study-file.ts";
import { studyLayout } from "../tune/layout.ts";
import { execStudy } from "./exec.ts";
import { recommendationLines } from "./recommend.ts";
import { openStudyFile } from "./study-create.ts";
import { type StackFlags, stackOptions, startServices } from "./up.ts";

export function addTuneCommand(program: Command, action: Action): void {
  stackOptions(
    program
      .command("tune")
      .description("start all services, tune the study of a YAML file, print what it recommends, and stop again"),
  )
    .argument("<file>", "study file; see docs/guides/cli.md")
    .option("--work-dir <folder>", "where files of the trials of a command are kept", join(".superbatch", "exec"))
    .action(action(tune));
}

interface TuneOptions extends StackFlags {
  readonly workDir: string;
}

async function tune(context: Context, [path]: string[], options: TuneOptions): Promise<ExitCode> {
  const { io, out, settings } = context;
  const file = readStudyFile(path!);
  const { command, parallel = 1 } = file.run;
  if (command === undefined && !file.spec.space?.parameters.some(({ name }) => name === "dataset"))
    throw new CommandError(`${path}: nothing says how a trial is evaluated`, {
      exitCode: exitCodes.usage,
      remedy:
        "Give run.command for a program of your own, or a fixed parameter dataset for the trainers of this suite.",
    });
  const stack = await startServices(context, options, command === undefined ? parallel : 0);
  // The study's own services, whatever address other commands use; in plain text, since they listen on loopback.
  const handle = createClient(optimizer.OptimizerServiceDefinition, stack.optimizerAddress);
  const local: Context = {
    ...context,
    settings: { ...settings, address: stack.optimizerAddress },
    client: handle.client,
  };
  try {
    const { study, created } = await openStudyFile(local, file, { id: file.id, ifMissing: true });
    out.note(`${created ? "Created" : "Going on with"} ${study.name}; the optimizer is at ${stack.optimizerAddress}`);
    out.note(`Dashboard: ${studyPage(stack.dashboardUrl, study.name)}`);
    await Promise.race([evaluate(local, study, file, options), stack.failed]);
    await printResult(local, study.name);
    return exitCodes.ok;
  } catch (error) {
    if (!io.signal.aborted) throw error;
    out.note("Stopped. The same command goes on from here.");
    return exitCodes.interrupted;
  } finally {
    handle.close();
    await stack.stop();
  }
}

/** Shows the study's progress until it is completed; evaluates its trials if the file names a program. */
async function evaluate(
  context: Context,
  study: optimizer.Study,
  { run }: StudyFile,
  { workDir }: TuneOptions,
): Promise<void> {
  const { client, io, out } = context;
  const over = new AbortController();
  const signal = AbortSignal.any([io.signal, over.signal]);
  const quiet: Context = {
    ...context,
    io: { ...io, signal, stderr: silent(io.stderr) },
    out: { ...out, print() {}, data() {} },
  };
  const options = { parallel: run.parallel ?? 1, workDir, infeasibleExit: 65, grace: 10 };
  const working = run.command ? execStudy(quiet, study, run.command, options) : undefined;
  // JSON is the result alone; the table would be in its way.
  const view = out.json ? { update() {}, end() {} } : createView(studyLayout(study), io.stdout);
  try {
    const watching = watchStudy(client, study.name, view, signal);
    // A program that cannot be started ends the wait; one that is done does not.
    await Promise.race([watching, ...(working ? [working.then(() => watching)] : [])]);
  } finally {
    view.end();
    over.abort();
    await working?.catch(() => {});
  }
}

/** A stream that is no terminal: the view alone draws. */
function silent(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return Object.create(stream, { isTTY: { value: false } }) as NodeJS.WriteStream;
}

async function printResult({ client, out }: Context, name: string): Promise<void> {
  const { study } = await client.getStudy({ name });
  const recommendation = await client.getRecommendation({ study: name });
  out.data({
    study: optimizer.Study.toJSON(study!),
    recommendation: optimizer.GetRecommendationResponse.toJSON(recommendation),
  });
  out.print("");
  for (const line of recommendationLines(recommendation)) out.print(line);
  const { cost, completed } = study!.progress!;
  out.print(
    `Spent ${cost!.total.toFixed(1)} ${study!.spec!.costUnit} in ${completed} completed trials of ${idOf(name)}`,
  );
}
