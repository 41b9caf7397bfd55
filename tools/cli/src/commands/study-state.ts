import { budgetThatIsOver, optimizer } from "@superbatch/contracts";
import { requestId } from "../arguments.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../failure.ts";
import { studyState } from "../output/words.ts";
import { allTrials } from "../paging.ts";
import { type BudgetOptions, changedBudget } from "./study-budget.ts";

const { FailureKind, StudyState, TrialState } = optimizer;

export async function pauseStudy(context: Context, [id]: string[]): Promise<void> {
  await update(context, { name: context.studyName(id!), state: StudyState.PAUSED });
}

export async function resumeStudy(context: Context, [id]: string[], options: BudgetOptions): Promise<void> {
  const name = context.studyName(id!);
  const { study } = await context.client.getStudy({ name });
  const budget = changedBudget(study!, options);
  const state = study!.state === StudyState.COMPLETED && budget ? StudyState.UNSPECIFIED : StudyState.ACTIVE;
  const changed = await update(context, { name, state, budget, etag: study!.etag });
  if (changed.state !== StudyState.ACTIVE)
    throw new CommandError(`${name} is still ${studyState(changed)}: ${changed.stateReason}`, {
      remedy: "Give it more budget with --trials, --cost or --seconds (0 lifts a limit).",
    });
}

/** Ends the time budget now, which completes the study and leaves its other limits as they were. */
export async function stopStudy(context: Context, [id]: string[], { now }: { readonly now: boolean }): Promise<void> {
  const name = context.studyName(id!);
  const { study } = await context.client.getStudy({ name });
  await update(context, { name, budget: budgetThatIsOver(study!), etag: study!.etag });
  if (!now) return;
  const states = [TrialState.SUGGESTED, TrialState.LEASED, TrialState.RUNNING];
  const trials = await allTrials(context.client, name, { states });
  for (const trial of trials)
    await context.client.failTrial({
      trial: trial.name,
      kind: FailureKind.ABANDONED,
      reason: "the study was stopped by a user",
      requestId: requestId(),
    });
  if (trials.length > 0) context.out.print(`Abandoned ${trials.length} trials.`);
}

export async function deleteStudy({ client, out, studyName }: Context, [id]: string[]): Promise<void> {
  const name = studyName(id!);
  await client.deleteStudy({ name, requestId: requestId() });
  out.data({ deleted: name });
  out.print(`Deleted ${name}`);
}

async function update(
  { client, out }: Context,
  change: Parameters<Context["client"]["updateStudy"]>[0],
): Promise<optimizer.Study> {
  const { study } = await client.updateStudy({ ...change, requestId: requestId() });
  out.data(optimizer.Study.toJSON(study!));
  out.print(`${study!.name} is ${studyState(study!)}${study!.stateReason === "" ? "" : `: ${study!.stateReason}`}`);
  return study!;
}
