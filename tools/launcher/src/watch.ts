import { optimizer } from "@superbatch/contracts";
import { type Row, rowOf } from "./row.ts";
import type { OptimizerClient } from "./study.ts";
import type { Running, View } from "./view.ts";

const { StudyState, TrialState } = optimizer;
const ended: readonly optimizer.TrialState[] = [
  TrialState.COMPLETED,
  TrialState.FAILED,
  TrialState.INFEASIBLE,
  TrialState.ABANDONED,
];

/**
 * Follows a study through its events until it is completed and no trial runs.
 *
 * @returns the rows of all ended trials, in the order in which they ended.
 * @throws {Error} if the study is paused, with the reason.
 */
export async function watchStudy(
  client: OptimizerClient,
  study: string,
  view: View,
  signal: AbortSignal,
): Promise<Row[]> {
  const trials = new Map<number, optimizer.Trial>();
  const rows = new Map<number, Row>();
  let shown = 0;
  let state: optimizer.Study | undefined;
  for await (const event of client.watchStudy({ study, afterSequence: 0 }, { signal })) {
    if (event.study) state = event.study;
    const { trial } = event;
    if (trial) {
      trials.set(trial.number, trial);
      if (ended.includes(trial.state)) rows.set(trial.number, rowOf(trial));
    }
    const all = [...rows.values()];
    const added = all.slice(shown);
    shown = all.length;
    const running = [...trials.values()].filter(
      (each) => each.state === TrialState.LEASED || each.state === TrialState.RUNNING,
    );
    view.update({ rows: all, running: running.map(runningOf), budget: budgetOf(state, all) }, added);
    if (state?.state === StudyState.PAUSED) throw new Error(`The study is paused: ${state.stateReason}`);
    // Events carry what is true now, so the first of a finished study's says already that it is completed: ask how much still runs.
    if (state?.state === StudyState.COMPLETED && !(await isRunning(client, study))) break;
  }
  return endedRows(client, study);
}

async function isRunning(client: OptimizerClient, name: string): Promise<boolean> {
  const { study } = await client.getStudy({ name });
  return study?.state !== StudyState.COMPLETED || (study.progress?.running ?? 0) > 0;
}

async function endedRows(client: OptimizerClient, study: string): Promise<Row[]> {
  const trials: optimizer.Trial[] = [];
  let pageToken = "";
  do {
    const page = await client.listTrials({ study, states: [...ended], includeProgress: false, pageSize: 0, pageToken });
    trials.push(...page.trials);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return trials.sort((a, b) => (a.endTime?.getTime() ?? 0) - (b.endTime?.getTime() ?? 0)).map(rowOf);
}

function runningOf(trial: optimizer.Trial): Running {
  const { parameters, cost } = rowOf(trial);
  return { trial: trial.number, worker: trial.worker, parameters, spent: cost.total };
}

function budgetOf(study: optimizer.Study | undefined, rows: readonly Row[]): string {
  const budget = study?.spec?.budget;
  const completed = rows.filter(({ value }) => value !== undefined).length;
  const seconds = rows.reduce((sum, { cost }) => sum + cost.total, 0);
  const trials = budget?.maxTrials ? `${completed} of ${budget.maxTrials} trials` : `${completed} trials`;
  const unit = study?.spec?.costUnit === "seconds" ? "s" : (study?.spec?.costUnit ?? "");
  const cost = budget?.maxCost ? `${seconds.toFixed(0)} of ${budget.maxCost} ${unit}` : `${seconds.toFixed(0)} ${unit}`;
  return `${trials}, ${cost}`;
}
