import { join } from "node:path";
import type { optimizer } from "@superbatch/contracts";
import type { Command } from "commander";
import { assignments, integer, number } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import type { AttemptResult } from "../exec/attempt-record.ts";
import { work } from "../exec/work.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { startProgress } from "../output/progress.ts";
import { figure, idOf, pointInWords } from "../output/words.ts";

export function addExecCommand(program: Command, action: Action): void {
  program
    .command("exec")
    .description("evaluate a study's trials with a program: superbatch exec STUDY -- ./train.sh --rate {learning_rate}")
    .argument("<study>", "id or name of the study")
    .argument("<command...>", "program and arguments, after --; {NAME} is replaced by the parameter's value")
    .option(
      "--trials <number>",
      "end after this many trials (default: when the study is completed)",
      integer(1, 1_000_000),
    )
    .option("--parallel <number>", "trials at once", integer(1, 256), 1)
    .option("--worker <name>", "name of this worker (default: host and process id)")
    .option("--capability <name=value...>", "what this worker has, compared with the study's requirements")
    .option(
      "--work-dir <folder>",
      "where parameters, metrics and output of each trial are kept",
      join(".superbatch", "exec"),
    )
    .option(
      "--infeasible-exit <code>",
      "exit status by which the program says that a point cannot be evaluated",
      integer(1, 255),
      65,
    )
    .option("--grace <seconds>", "from SIGTERM to SIGKILL when a trial is stopped", number(0, 3600), 10)
    .action(action(exec));
}

interface ExecOptions {
  readonly trials?: number;
  readonly parallel: number;
  readonly worker?: string;
  readonly capability?: string[];
  readonly workDir: string;
  readonly infeasibleExit: number;
  readonly grace: number;
}

async function exec(context: Context, [id, ...command]: string[], options: ExecOptions): Promise<ExitCode> {
  const name = context.studyName(id!);
  const { study } = await context.client.getStudy({ name });
  const { completed, unsuccessful } = await execStudy(context, study!, command, options);
  context.out.note(`${completed} trials completed, ${unsuccessful} not.`);
  if (context.io.signal.aborted) return exitCodes.interrupted;
  return completed === 0 && unsuccessful > 0 ? exitCodes.failed : exitCodes.ok;
}

/** Works for a study, printing each trial as it ends. */
export async function execStudy(
  { client, io, out }: Context,
  study: optimizer.Study,
  command: readonly string[],
  options: ExecOptions,
): Promise<{ completed: number; unsuccessful: number }> {
  const { trials, worker, parallel, workDir, infeasibleExit, grace, capability = [] } = options;
  const progress = startProgress(io, "Trials", trials ?? study.spec?.budget?.maxTrials ?? 0);
  let completed = 0;
  let unsuccessful = 0;
  try {
    await work({
      client,
      study,
      command,
      env: io.env,
      workDir: join(workDir, idOf(study.name)),
      infeasibleCode: infeasibleExit,
      graceSeconds: grace,
      signal: io.signal,
      note: out.note,
      parallel,
      capabilities: Object.fromEntries(assignments(capability)),
      ...(trials !== undefined && { trials }),
      ...(worker !== undefined && { worker }),
      onEnded(trial, result) {
        if (result.kind === "completed") completed++;
        else unsuccessful++;
        out.data(endedData(trial, result), "line");
        out.print(`trial ${trial.number}  ${endedInWords(study, result)}  ${pointInWords(study, trial.parameters)}`);
        progress.update(completed + unsuccessful);
      },
    });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EACCES") throw error;
    throw new CommandError(
      `${path} cannot be started: ${code === "ENOENT" ? "there is no such program" : "it may not be executed"}`,
      {
        exitCode: exitCodes.usage,
        remedy: "Name a program on the PATH or by its path, and make it executable.",
      },
    );
  } finally {
    progress.stop();
  }
  return { completed, unsuccessful };
}

function endedData(trial: optimizer.Trial, result: AttemptResult): unknown {
  const shared = { trial: trial.number, result: result.kind };
  if (result.kind === "cancelled") return shared;
  if (result.kind !== "completed") return { ...shared, reason: result.reason, cost: result.cost?.total };
  const { value, metrics, cost } = result.measurement;
  return { ...shared, value, metrics, cost: cost?.total, stoppedEarly: result.stoppedEarly };
}

function endedInWords(study: optimizer.Study, result: AttemptResult): string {
  if (result.kind === "cancelled") return "cancelled by the optimizer";
  if (result.kind !== "completed") return `${result.kind}: ${result.reason.split("\n")[0]}`;
  const { value, cost } = result.measurement;
  return `${result.stoppedEarly ? "stopped early" : "completed"}  ${study.spec!.objective!.metric} ${figure(value)}  cost ${figure(cost?.total)}`;
}
