import { costPhases, optimizer } from "@superbatch/contracts";
import type { Command } from "commander";
import type { Action, Context } from "../context.ts";
import { usageError } from "../failure.ts";
import { startProgress } from "../output/progress.ts";
import { duration, figure, pointInWords, trialState, word } from "../output/words.ts";
import { allTrials } from "../paging.ts";
import { parameterRows } from "./study-show.ts";

const { TrialState } = optimizer;
const states = new Map(
  Object.values(TrialState)
    .filter((state) => state !== TrialState.UNSPECIFIED)
    .map((state) => [word(state, "TRIAL_STATE_"), state]),
);

export function addTrialCommands(program: Command, action: Action): void {
  const trial = program.command("trial").description("look at trials");
  trial
    .command("list")
    .description("list a study's trials by number")
    .argument("<study>", "id or name of the study")
    .option("--state <states>", `only these, separated by commas: ${[...states.keys()].join(", ")}`)
    .option("--last <number>", "only the last ones", Number)
    .action(action(listTrials));
  trial
    .command("show")
    .description("show a trial: its point, result, cost, why it was chosen, and its learning curve")
    .argument("<study>", "id or name of the study")
    .argument("<number>", "the trial's number")
    .action(action(showTrial));
}

interface ListOptions {
  readonly state?: string;
  readonly last?: number;
}

async function listTrials(context: Context, [id]: string[], { state, last }: ListOptions): Promise<void> {
  const { client, io, out, studyName } = context;
  const name = studyName(id!);
  const { study } = await client.getStudy({ name });
  const progress = startProgress(io, "Reading trials", 0);
  const filter = {
    ...(state !== undefined && { states: statesOf(state) }),
    onPage: (count: number) => progress.update(count),
  };
  const all = await allTrials(client, name, filter).finally(() => progress.stop());
  const trials = last === undefined ? all : all.slice(-last);
  out.data(trials.map((trial) => optimizer.Trial.toJSON(trial)));
  if (trials.length === 0) return out.print("There are no such trials.");
  const metric = study!.spec!.objective!.metric;
  out.table(
    ["trial", "state", metric, "cost", "attempts", "origin", "parameters"],
    trials.map((trial) => [
      trial.number,
      trialState(trial),
      figure(trial.measurement?.value),
      figure(trial.cost?.total ?? 0),
      trial.attempts,
      word(trial.explanation?.origin ?? "-", "ORIGIN_"),
      pointInWords(study!, trial.parameters),
    ]),
  );
}

function statesOf(text: string): optimizer.TrialState[] {
  return text.split(",").map((name) => {
    const state = states.get(name.trim());
    if (!state) throw usageError(`--state ${name}: must be of ${[...states.keys()].join(", ")}`);
    return state;
  });
}

async function showTrial({ client, out, trialName }: Context, [study, number]: string[]): Promise<void> {
  const { trial } = await client.getTrial({ name: trialName(study!, number!) });
  out.data(optimizer.Trial.toJSON(trial!));
  for (const line of trialLines(trial!)) out.print(line);
  out.table(["parameter", "value"], parameterRows(trial!.parameters));
  const curve = trial!.progress;
  if (curve.length === 0) return;
  const metrics = [...new Set(curve.flatMap((point) => Object.keys(point.metrics)))];
  const shown =
    curve.length <= 20
      ? curve
      : curve.filter((_, i) => i % Math.ceil(curve.length / 20) === 0 || i === curve.length - 1);
  out.print(
    shown.length < curve.length ? `\nLearning curve, ${shown.length} of ${curve.length} points` : "\nLearning curve",
  );
  out.table(
    ["step", ...metrics, "cost"],
    shown.map(({ step, metrics: values, cost }) => [
      step,
      ...metrics.map((name) => figure(values[name])),
      figure(cost?.total),
    ]),
  );
}

function trialLines(trial: optimizer.Trial): string[] {
  const { measurement, explanation, cost, startTime, endTime, attempts, worker } = trial;
  const seconds = startTime && endTime ? `, in ${duration((endTime.getTime() - startTime.getTime()) / 1000)}` : "";
  const metrics = Object.entries(measurement?.metrics ?? {});
  const why = [
    word(explanation?.origin ?? "-", "ORIGIN_"),
    ...(explanation?.entropyReduction === undefined
      ? []
      : [`entropy reduction ${figure(explanation.entropyReduction)} nats`]),
    ...(explanation?.expectedCost === undefined ? [] : [`expected cost ${figure(explanation.expectedCost)}`]),
    ...(explanation?.note ? [explanation.note] : []),
  ];
  return [
    `${trial.name}: ${trialState(trial)}${trial.stoppedEarly ? ", stopped early" : ""}${trial.reason === "" ? "" : ` (${trial.reason})`}`,
    ...(measurement ? [`value     ${measurement.value}`] : []),
    ...(metrics.length > 0
      ? [`metrics   ${metrics.map(([name, value]) => `${name}=${figure(value)}`).join(" ")}`]
      : []),
    `cost      ${figure(cost?.total ?? 0)} (${costPhases.map((phase) => `${phase} ${figure(cost?.[phase] ?? 0)}`).join(", ")})`,
    `attempts  ${attempts}${worker === "" ? "" : `, by ${worker}`}${seconds}`,
    `chosen    ${why.join(", ")}`,
    ...(trial.traceparent === "" ? [] : [`trace     ${trial.traceparent.split("-")[1]}`]),
    "",
  ];
}
