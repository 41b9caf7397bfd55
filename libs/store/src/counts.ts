import type { TrialCounts } from "./study.ts";
import type { Trial } from "./trial.ts";

/** Counts after trials were added or changed. `before` is undefined for a new trial. */
export function recount(counts: TrialCounts, before: Trial | undefined, after: Trial): TrialCounts {
  const next: Record<keyof TrialCounts, number> = { ...counts };
  if (before) {
    next[before.state]--;
    if (isImported(before)) next.imported--;
  }
  next[after.state]++;
  if (isImported(after)) next.imported++;
  return next;
}

function isImported({ state, leases }: Trial): boolean {
  return state === "completed" && leases === 0;
}
