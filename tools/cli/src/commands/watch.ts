import { optimizer } from "@superbatch/contracts";
import { isAbortError } from "@superbatch/rpc";
import type { Command } from "commander";
import { integer } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import { figure, studyState, trialState, word } from "../output/words.ts";

export function addWatchCommand(program: Command, action: Action): void {
  program
    .command("watch")
    .description("print what happens in a study, from its beginning on, until Ctrl-C or its deletion")
    .argument("<study>", "id or name of the study")
    .option("--after <sequence>", "only events after this one", integer(0, 2 ** 53 - 1), 0)
    .option("--until-completed", "end when the study is completed and no trial runs", false)
    .action(action(watch));
}

interface WatchOptions {
  readonly after: number;
  readonly untilCompleted: boolean;
}

async function watch(
  { client, io, out, studyName }: Context,
  [id]: string[],
  { after, untilCompleted }: WatchOptions,
): Promise<void> {
  const study = studyName(id!);
  const isDone = async () => {
    const { study: now } = await client.getStudy({ name: study });
    return now!.state === "STUDY_STATE_COMPLETED" && (now!.progress?.running ?? 0) === 0;
  };
  try {
    for await (const event of client.watchStudy({ study, afterSequence: after }, { signal: io.signal })) {
      out.data(optimizer.WatchStudyResponse.toJSON(event), "line");
      out.print(eventLine(event));
      const mayEnd = event.study?.state === "STUDY_STATE_COMPLETED" || event.trial?.endTime !== undefined;
      if (untilCompleted && mayEnd && (await isDone())) return;
    }
  } catch (error) {
    // Ctrl-C is how one ends it.
    if (!isAbortError(error)) throw error;
  }
}

function eventLine({ sequence, time, kind, study, trial, message }: optimizer.WatchStudyResponse): string {
  const subject = trial
    ? `trial ${trial.number} ${trialState(trial)}${trial.measurement ? ` ${figure(trial.measurement.value)}, cost ${figure(trial.cost?.total)}` : ""}`
    : study
      ? `study ${studyState(study)}`
      : "";
  return [sequence, time?.toISOString() ?? "-", word(kind, "EVENT_KIND_"), subject, message]
    .filter((part) => part !== "")
    .join("  ");
}
