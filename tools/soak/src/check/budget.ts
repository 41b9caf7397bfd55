import type { AttemptRow, EventRow, StudyRow, Tables } from "./tables.ts";

interface Limits {
  readonly budget: { readonly maxTrials: number; readonly maxCost: number };
  readonly lease: { readonly maxParallel: number };
}

/** Largest cost of one trial of the soak, and the standard deviation of all of them. */
const largestCost = 1.5;
const costDeviation = 0.29;

/** Budgets are kept at every lease, and at the end. @returns a sentence for each breach. */
export function checkBudgets({ studies, attempts, events }: Tables): string[] {
  return studies.flatMap((study) => [
    ...checkTrials(
      study,
      events.filter((event) => event.study === study.name),
    ),
    ...checkCost(
      study,
      attempts.filter((attempt) => attempt.study === study.name),
    ),
  ]);
}

/** Replays the study's events: trials held and completed, at every lease. */
function checkTrials({ name, spec }: StudyRow, events: readonly EventRow[]): string[] {
  const { budget, lease } = JSON.parse(spec) as Limits;
  const held = new Set<number>();
  const completed = new Set<number>();
  const breaches: string[] = [];
  for (const { kind, trial, sequence } of events) {
    if (trial === null) continue;
    if (kind === "trial-leased") {
      held.add(trial);
      if (budget.maxTrials > 0 && held.size + completed.size > budget.maxTrials)
        breaches.push(
          `${name}: with event ${sequence}, ${held.size} trials are held and ${completed.size} completed, of ${budget.maxTrials}`,
        );
      if (lease.maxParallel > 0 && held.size > lease.maxParallel)
        breaches.push(`${name}: with event ${sequence}, ${held.size} trials are held, of ${lease.maxParallel} at once`);
    } else if (kind === "trial-completed") {
      held.delete(trial);
      completed.add(trial);
    } else if (kind === "trial-failed" || kind === "lease-expired") held.delete(trial);
  }
  if (budget.maxTrials > 0 && completed.size !== budget.maxTrials)
    breaches.push(`${name}: ${completed.size} trials were completed, not ${budget.maxTrials}`);
  return breaches;
}

/**
 * A lease is given while what is spent and what the held trials are expected to cost is below the limit. So the end exceeds it by one trial, by the
 * luck of those that were held then (four standard deviations), and by what lost leases have cost late.
 */
function checkCost({ name, spec, cost }: StudyRow, attempts: readonly AttemptRow[]): string[] {
  const { budget } = JSON.parse(spec) as Limits;
  if (budget.maxCost === 0) return [];
  const spent = totalOf(cost);
  const workers = new Set(attempts.map(({ worker }) => worker)).size;
  const late = attempts
    .filter((attempt) => attempt.late === 1)
    .reduce((sum, attempt) => sum + totalOf(attempt.cost), 0);
  const allowed = budget.maxCost + largestCost + 4 * costDeviation * Math.sqrt(workers) + late;
  if (spent > allowed) return [`${name}: cost ${spent} is more than ${allowed}, for a budget of ${budget.maxCost}`];
  if (spent < budget.maxCost) return [`${name}: cost ${spent} ended below the budget of ${budget.maxCost}`];
  return [];
}

function totalOf(cost: string): number {
  return (JSON.parse(cost) as { total: number }).total;
}
