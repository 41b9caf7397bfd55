import { optimizer, pointToProto } from "@superbatch/contracts";
import type { Command } from "commander";
import { metricsOf, number, pointOf, requestId } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import { usageError } from "../failure.ts";
import { figure, trialState } from "../output/words.ts";

export function addTellCommand(program: Command, action: Action): void {
  program
    .command("tell")
    .description("bring back the result of a leased trial, or add a point: with a result, or to be tried next")
    .argument("<study>", "id or name of the study")
    .argument("<what...>", "NUMBER METRIC=VALUE… of a leased trial; METRIC=VALUE… of a point given by --point")
    .option("--lease <id>", "lease of the trial, from ask")
    .option("--cost <amount>", "what the evaluation cost, in the study's unit", number(0))
    .option("--failed <reason>", "it went wrong: try again")
    .option("--infeasible <reason>", "the point cannot be evaluated: do not try again, and learn from it")
    .option("--point <name=value...>", "parameters of a point that the study did not ask for")
    .addHelpText(
      "after",
      "\nWith --point and the word next, the point is tried before the algorithm's own: superbatch tell STUDY next --point x=1",
    )
    .action(action(tell));
}

interface TellOptions {
  readonly lease?: string;
  readonly cost?: number;
  readonly failed?: string;
  readonly infeasible?: string;
  readonly point?: string[];
}

async function tell(context: Context, [id, first, ...rest]: string[], options: TellOptions): Promise<void> {
  const study = context.studyName(id!);
  if (options.point) return addPoint(context, study, first === "next" ? rest : [first!, ...rest], options);
  const trial = context.trialName(id!, first!);
  if (options.lease === undefined) throw usageError("--lease is missing", "ask prints it together with the trial.");
  const failure = options.failed ?? options.infeasible;
  if (failure !== undefined) return fail(context, trial, failure, options);
  const measurement = await measurementOf(context, study, rest, options.cost);
  const response = await context.client.completeTrial({
    trial,
    leaseId: options.lease,
    measurement,
    requestId: requestId(),
  });
  context.out.data(optimizer.CompleteTrialResponse.toJSON(response));
  const late = response.duplicate
    ? ", which had a result already: that one stays"
    : response.late
      ? ", late: its lease was lost"
      : "";
  context.out.print(
    `Trial ${response.trial!.number} is ${trialState(response.trial!)} with ${figure(response.trial!.measurement?.value)}${late}`,
  );
}

async function fail(
  { client, out }: Context,
  trial: string,
  reason: string,
  { lease, infeasible, cost }: TellOptions,
): Promise<void> {
  const { FailureKind } = optimizer;
  const response = await client.failTrial({
    trial,
    leaseId: lease!,
    kind: infeasible === undefined ? FailureKind.FAILED : FailureKind.INFEASIBLE,
    reason,
    ...(cost !== undefined && { cost: { total: cost } }),
    requestId: requestId(),
  });
  out.data(optimizer.FailTrialResponse.toJSON(response));
  out.print(
    `Trial ${response.trial!.number} is ${trialState(response.trial!)}${response.retry ? ": it will be tried again" : ""}`,
  );
}

async function addPoint(context: Context, study: string, words: string[], { point, cost }: TellOptions): Promise<void> {
  const measurement = words.length === 0 ? undefined : await measurementOf(context, study, words, cost);
  const request = {
    study,
    trials: [{ parameters: pointToProto(pointOf(point!)), measurement }],
    requestId: requestId(),
  };
  const { trials } = await context.client.addTrials(request);
  context.out.data(trials.map((trial) => optimizer.Trial.toJSON(trial)));
  for (const trial of trials) context.out.print(`Added trial ${trial.number}, ${trialState(trial)}`);
}

async function measurementOf({ client }: Context, study: string, words: string[], cost: number | undefined) {
  const metrics = metricsOf(words);
  const metric = (await client.getStudy({ name: study })).study!.spec!.objective!.metric;
  const value = metrics[metric];
  if (value === undefined) throw usageError(`${metric}=VALUE is missing`, `${metric} is what the study optimizes.`);
  if (cost === undefined || cost === 0)
    throw usageError(
      "--cost is missing",
      "It must be above 0, in the study's unit: the algorithm weighs what trials tell against it.",
    );
  return { value, metrics, cost: { total: cost } };
}
