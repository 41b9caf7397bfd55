import { formatStudyName, formatTrialName, optimizer, parseStudyName } from "@superbatch/contracts";
import { type ClientHandle, createClient } from "@superbatch/rpc";
import type { Command } from "commander";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { failureLines, failureOf, usageError } from "./failure.ts";
import type { Io } from "./io.ts";
import { createOutput, type Output } from "./output/output.ts";
import { loadSettings, type Settings } from "./settings.ts";

export type OptimizerClient = ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

/** What a command works with. */
export interface Context {
  readonly io: Io;
  readonly out: Output;
  readonly settings: Settings;
  /** Of the optimizer at the address; the connection is closed when the command ends. */
  readonly client: OptimizerClient;
  /** Full name of a study that the user named by its id or its full name. */
  studyName(study: string): string;
  trialName(study: string, trial: string): string;
}

/** What a command does. It may end with another code than 0 without an error. */
export type Handler<Options> = (
  context: Context,
  args: string[],
  options: Options,
) => Promise<ExitCode | undefined> | Promise<void>;

/** Ends of commands, for {@link Program}. */
export interface Ending {
  exitCode: ExitCode;
}

/** Gives commands their context, and turns what they throw into words and an exit code. */
export function createRunner(io: Io, ending: Ending) {
  return function action<Options>(handler: Handler<Options>) {
    return async (...given: unknown[]): Promise<void> => {
      const command = given.at(-1) as Command;
      const flags = command.optsWithGlobals();
      const out = createOutput(io, { json: flags.json === true, color: flags.color !== false });
      let handle: ClientHandle<typeof optimizer.OptimizerServiceDefinition> | undefined;
      let address = "";
      try {
        const settings = loadSettings(flags, io.env);
        address = settings.address;
        const context: Context = {
          io,
          out,
          settings,
          get client() {
            handle ??= createClient(optimizer.OptimizerServiceDefinition, settings.address, settings.client);
            return handle.client;
          },
          studyName: (study) => studyNameOf(study, settings.project),
          trialName(study, trial) {
            const name = parseStudyName(studyNameOf(study, settings.project))!;
            if (!/^[1-9]\d{0,15}$/.test(trial))
              throw usageError(`${trial} is no trial's number`, "List them: superbatch trial list STUDY.");
            return formatTrialName({ ...name, trial: Number(trial) });
          },
        };
        const result = await handler(
          context,
          command.processedArgs
            .flat()
            .filter((given) => given !== undefined)
            .map(String),
          flags as Options,
        );
        ending.exitCode = result ?? exitCodes.ok;
      } catch (error) {
        const failure = failureOf(error, address);
        ending.exitCode = failure.exitCode;
        if (out.json) io.stderr.write(`${JSON.stringify({ error: failure })}\n`);
        else for (const line of failureLines(failure)) out.note(line);
      } finally {
        handle?.close();
      }
    };
  };
}

export type Action = ReturnType<typeof createRunner>;

function studyNameOf(text: string, project: string): string {
  const name = text.includes("/") ? text : formatStudyName({ project, study: text });
  if (!parseStudyName(name))
    throw usageError(`${text} is no study's id or name`, "Ids are lower-case letters, digits and -.");
  return name;
}
