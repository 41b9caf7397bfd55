import type { Call } from "./calls.ts";
import type { AttemptRow, Tables, TrialRow } from "./tables.ts";

/** What trainers were told is in the database, once: results, leases, ends of attempts. @returns a sentence for each breach. */
export function checkResults(calls: readonly Call[], { trials, attempts }: Tables): string[] {
  const breaches: string[] = [];
  const attemptOf = new Map(attempts.map((attempt) => [attempt.lease_id, attempt]));
  const trialOf = new Map(trials.map((trial) => [nameOf(trial), trial]));
  const winners = new Map<string, string>();

  for (const call of calls) {
    if (call.error)
      breaches.push(`${call.worker}: ${call.method} failed with ${call.error.code}: ${call.error.message}`);
    if (!call.answer) continue;
    if (call.answer.method === "lease") {
      for (const { trial, lease } of call.answer.leases) {
        const attempt = attemptOf.get(lease);
        if (!attempt || attemptTrial(attempt) !== trial)
          breaches.push(`lease ${lease} of ${trial} is not in the database`);
        else if (attempt.worker !== call.worker) breaches.push(`lease ${lease} of ${trial} is ${attempt.worker}'s`);
      }
    } else if (call.answer.method === "complete" && call.method === "complete") {
      const attempt = attemptOf.get(call.lease);
      const measured = attempt?.measurement ? (JSON.parse(attempt.measurement) as { value: number }).value : undefined;
      if (measured !== call.value)
        breaches.push(`result ${call.value} of lease ${call.lease} of ${call.trial} is ${measured ?? "lost"}`);
      if (call.answer.duplicate) continue;
      const earlier = winners.get(call.trial);
      if (earlier !== undefined)
        breaches.push(`${call.trial} took two results: of leases ${earlier} and ${call.lease}`);
      winners.set(call.trial, call.lease);
      const kept = trialOf.get(call.trial)?.measurement;
      // Trials that were given up for another reason (infeasible, abandoned) keep only the cost of what comes late.
      if (kept === null && call.answer.late && ["infeasible", "abandoned"].includes(trialOf.get(call.trial)!.state))
        continue;
      if (!kept || (JSON.parse(kept) as { value: number }).value !== call.value)
        breaches.push(`the accepted result ${call.value} of ${call.trial} is not the trial's`);
    } else if (call.answer.method === "fail" && call.method === "fail") {
      const outcome = attemptOf.get(call.lease)?.outcome;
      // A lease that was lost or revived in between ends otherwise; but it has ended.
      if (outcome === undefined || outcome === "open")
        breaches.push(`the end of lease ${call.lease} of ${call.trial} is lost`);
    }
  }
  return breaches;
}

function nameOf({ study, number }: TrialRow): string {
  return `${study}/trials/${number}`;
}

function attemptTrial({ study, trial }: AttemptRow): string {
  return `${study}/trials/${trial}`;
}
