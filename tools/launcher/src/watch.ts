import { optimizer } from "@superbatch/contracts";
import { type Row, rowOf } from "./row.ts";
import type { OptimizerClient } from "./study.ts";
import type { Running, View } from "./view.ts";

const { EventKind, StudyState, TrialState } = optimizer;
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
    if (event.kind === EventKind.TRIAL_PROGRESS && !trial) continue;
    const all = [...rows.values()];
    const added = all.slice(shown);
    shown = all.length;
    const running = [...trials.values()].filter(
      (each) => each.state === TrialState.LEASED || each.state === TrialState.RUNNING,
    );
    view.update({ rows: all, running: running.map(runningOf), budget: budgetOf(state, all) }, added);
    if (state?.state === StudyState.PAUSED) throw new Error(`The study is paused: ${state.stateReason}`);
    if (state?.state === StudyState.COMPLETED && running.length === 0) break;
  }
  return [...rows.values()];
}

function runningOf(trial: optimizer.Trial): Running {
  const superBatch = trial.parameters.super_batch?.kind?.value ?? "-";
  const spent = trial.cost?.total ?? 0;
  return {
    trial: trial.number,
    worker: trial.worker,
    superBatch: String(superBatch),
    note: spent > 0 ? `, ${spent.toFixed(1)} s` : "",
  };
}

function budgetOf(study: optimizer.Study | undefined, rows: readonly Row[]): string {
  const budget = study?.spec?.budget;
  const completed = rows.filter(({ value }) => value !== undefined).length;
  const seconds = rows.reduce((sum, { cost }) => sum + cost.total, 0);
  const trials = budget?.maxTrials ? `${completed} of ${budget.maxTrials} trials` : `${completed} trials`;
  const cost = budget?.maxCost ? `${seconds.toFixed(0)} of ${budget.maxCost} s` : `${seconds.toFixed(0)} s`;
  return `${trials}, ${cost}`;
}
