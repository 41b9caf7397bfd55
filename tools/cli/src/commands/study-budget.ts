import type { optimizer } from "@superbatch/contracts";
import type { Command } from "commander";
import { integer, number } from "../arguments.ts";

/** Options that replace limits of a study's budget. */
export interface BudgetOptions {
  readonly trials?: number;
  readonly cost?: number;
  readonly seconds?: number;
}

export function studyBudget(command: Command): Command {
  return command
    .option("--trials <number>", "new limit of completed trials, 0: none", integer(0, 2 ** 53 - 1))
    .option("--cost <amount>", "new limit of cost in the study's unit, 0: none", number(0))
    .option("--seconds <number>", "new limit of seconds since the study was created, 0: none", number(0));
}

/** The budget with the options' limits in place of its own, or undefined if there are none. */
export function changedBudget(study: optimizer.Study, options: BudgetOptions): optimizer.Budget | undefined {
  const { trials, cost, seconds } = options;
  if (trials === undefined && cost === undefined && seconds === undefined) return undefined;
  const had = study.spec?.budget;
  return {
    ...had!,
    maxTrials: trials ?? had?.maxTrials ?? 0,
    maxCost: cost ?? had?.maxCost ?? 0,
    maxSeconds: seconds ?? had?.maxSeconds ?? 0,
  };
}
