import { readFileSync } from "node:fs";
import { Command, CommanderError, Option } from "commander";
import { addAskCommand } from "./commands/ask.ts";
import { addBackupCommands } from "./commands/backup.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExecCommand } from "./commands/exec.ts";
import { addRecommendCommand } from "./commands/recommend.ts";
import { addReportCommand } from "./commands/report.ts";
import { addStudyCommands } from "./commands/study.ts";
import { addSurrogateCommands } from "./commands/surrogate-check.ts";
import { addTellCommand } from "./commands/tell.ts";
import { addTrialCommands } from "./commands/trial.ts";
import { addTuneCommand } from "./commands/tune.ts";
import { addUpCommand } from "./commands/up.ts";
import { addWatchCommand } from "./commands/watch.ts";
import { createRunner, type Ending } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { connectionOptions, variableOf } from "./settings.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** The whole command line. @param ending - gets the exit code of the command that runs. */
export function createProgram(io: Io, ending: Ending): Command {
  const program = new Command("superbatch")
    .description("Bayesian optimization of neural networks that learns how much importance sampling is worth.")
    .version(version, "--version", "print the version")
    .option("--json", "print results as JSON, and errors as JSON on standard error")
    .option("--no-color", "print without colors (also: NO_COLOR)")
    .option(
      "--config <file>",
      "configuration file (default: $SUPERBATCH_CONFIG, else ~/.config/superbatch/config.yaml)",
    )
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showSuggestionAfterError()
    .showHelpAfterError("(superbatch --help and superbatch COMMAND --help list what there is)")
    .enablePositionalOptions()
    .exitOverride();
  for (const option of connectionOptions) {
    const fallback = "fallback" in option ? `, else ${option.fallback}` : "";
    program.addOption(
      new Option(
        `--${option.name} ${option.argument}`,
        `${option.description} (default: $${variableOf(option.name)}${fallback})`,
      ),
    );
  }
  program.addHelpText(
    "after",
    "\nA token may also be in SUPERBATCH_TOKEN. Precedence: option, variable, configuration file.",
  );
  const action = createRunner(io, ending);
  addUpCommand(program, action);
  addTuneCommand(program, action);
  addStudyCommands(program, action);
  addTrialCommands(program, action);
  addAskCommand(program, action);
  addTellCommand(program, action);
  addExecCommand(program, action);
  addReportCommand(program, action);
  addRecommendCommand(program, action);
  addWatchCommand(program, action);
  addSurrogateCommands(program, action);
  addDoctorCommand(program, action);
  addCompletionCommand(program);
  addBackupCommands(program, action);
  return program;
}

/** Runs one command line. @param argv - without node and script. @returns the exit code. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const ending: Ending = { exitCode: exitCodes.ok };
  try {
    await createProgram(io, ending).parseAsync([...argv], { from: "user" });
    return ending.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no mistakes; everything else that commander throws is.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}
