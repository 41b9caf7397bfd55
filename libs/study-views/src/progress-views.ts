import type { optimizer } from "@superbatch/contracts";
import {
  costData,
  fidelityData,
  historyData,
  type LeaseLoss,
  type StudyFacts,
  type TimelineRow,
  type TrialRow,
  timelineData,
} from "@superbatch/figures";
import { bestSoFar } from "@superbatch/insight";
import { factsOf, rowOf, rowsOf } from "./facts.ts";
import type { ViewContext } from "./view-context.ts";

/** What has been reached, what was chosen, what it cost: the first look. */
export function overview({ study, trials }: ViewContext) {
  const facts = factsOf(study);
  const rows = rowsOf(trials);
  return {
    facts,
    history: historyOf(study, facts, trials, rows),
    fidelities: fidelityData(facts, rows),
    cost: costData(facts, rows),
  };
}

/** Who trained what when, and which leases were lost. */
export function timeline({ study, trials, now }: ViewContext) {
  const losses = trials.flatMap(({ number, attemptHistory }): LeaseLoss[] =>
    attemptHistory.flatMap(({ outcome, worker, endTime }) =>
      outcome === "ATTEMPT_OUTCOME_EXPIRED" && endTime ? [{ number, worker, time: endTime.getTime() }] : [],
    ),
  );
  return timelineData(factsOf(study), attemptRows(trials), losses, now);
}

function historyOf(
  study: optimizer.Study,
  facts: StudyFacts,
  trials: readonly optimizer.Trial[],
  rows: readonly TrialRow[],
) {
  const ends = new Map(rows.map(({ number, endTime }) => [number, endTime ?? 0]));
  const begin = rows.reduce((first, { startTime }) => Math.min(first, startTime ?? first), Number.POSITIVE_INFINITY);
  const history = bestSoFar(study, trials).map((row) => ({ ...row, endTime: ends.get(row.trial)! }));
  return historyData(facts, history, begin);
}

/** What became of an attempt that another one followed. */
const endOf: Partial<Record<optimizer.AttemptOutcome, TimelineRow["state"]>> = {
  ATTEMPT_OUTCOME_EXPIRED: "lost",
  ATTEMPT_OUTCOME_FAILED: "failed",
};

/** One row for each attempt of trials that took several. */
function attemptRows(trials: readonly optimizer.Trial[]): TimelineRow[] {
  return trials.flatMap((trial) => {
    const row = rowOf(trial);
    if (trial.attemptHistory.length < 2) return [row];
    return trial.attemptHistory.map((attempt, i): TimelineRow => {
      const { startTime: _, endTime: __, ...rest } = row;
      const last = i === trial.attemptHistory.length - 1;
      const [start, end] = [attempt.startTime, attempt.endTime];
      return {
        ...rest,
        worker: attempt.worker,
        attempts: attempt.number,
        state: last ? row.state : (endOf[attempt.outcome] ?? "abandoned"),
        ...(start ? { startTime: start.getTime() } : {}),
        ...(end ? { endTime: end.getTime() } : {}),
      };
    });
  });
}
