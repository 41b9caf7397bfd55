import type { Tables } from "./tables.ts";

/** What the database keeps of its own contents agrees with them. @returns a sentence for each breach. */
export function checkCounters({ studies, trials, attempts, events }: Tables): string[] {
  return studies.flatMap(({ name, state, trial_count, counts, last_event, cost }) => {
    const breaches: string[] = [];
    const check = (what: string, kept: number, found: number) => {
      if (Math.abs(kept - found) > 1e-6 * Math.max(1, Math.abs(found)))
        breaches.push(`${name}: ${what} is ${kept}, not ${found}`);
    };
    const own = trials.filter(({ study }) => study === name);
    if (state !== "completed") breaches.push(`${name} is ${state}`);
    check("the number of trials", trial_count, own.length);
    check("the largest number of a trial", own.at(-1)?.number ?? 0, own.length);
    for (const [key, kept] of Object.entries(JSON.parse(counts) as Record<string, number>)) {
      if (key !== "imported")
        check(`the number of ${key} trials`, kept, own.filter((trial) => trial.state === key).length);
    }
    const sequences = events.filter(({ study }) => study === name).map(({ sequence }) => sequence);
    check("the last event", last_event, sequences.length);
    if (sequences.some((sequence, i) => sequence !== i + 1)) breaches.push(`${name}: its events have gaps`);
    const ownAttempts = attempts.filter(({ study }) => study === name);
    const spent = ownAttempts.reduce((sum, attempt) => sum + totalOf(attempt.cost), 0);
    check("the cost", totalOf(cost), spent);
    check(
      "the cost of its trials",
      own.reduce((sum, trial) => sum + totalOf(trial.cost), 0),
      spent,
    );
    check(
      "the number of attempts",
      ownAttempts.length,
      own.reduce((sum, trial) => sum + trial.leases, 0),
    );
    return breaches;
  });
}

function totalOf(cost: string): number {
  return (JSON.parse(cost) as { total: number }).total;
}
