import type { optimizer } from "@superbatch/contracts";
import type { StudyEvidence } from "./diagnose.ts";
import type { Finding } from "./finding.ts";

/** Minutes without any trial being leased after which an active study counts as without trainers. */
const idleMinutes = 2;

/** Whether work goes on. */
export function stateFindings({ study, trials, now }: StudyEvidence): Finding[] {
  const { state, stateReason } = study;
  if (state === "STUDY_STATE_PAUSED")
    return [
      {
        severity: "problem",
        kind: "paused",
        finding: `The study is paused${stateReason === "" ? "" : `: ${stateReason}`}.`,
        remedy: "Mend what made it pause, then resume it: superbatch study resume.",
      },
    ];
  if (state !== "STUDY_STATE_ACTIVE") return [];
  const held = trials.filter((trial) => trial.state === "TRIAL_STATE_LEASED" || trial.state === "TRIAL_STATE_RUNNING");
  if (held.length > 0) return [];
  const latest = Math.max(study.createTime?.getTime() ?? 0, ...trials.map(lastSeen));
  const minutes = (now - latest) / 60_000;
  if (minutes < idleMinutes) return [];
  const requirements = Object.entries(study.spec?.requirements ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    {
      severity: "problem",
      kind: "no-trainers",
      finding: `The study is active, but no trainer has held a trial for ${Math.floor(minutes)} minutes.`,
      remedy:
        requirements.length === 0
          ? "Start trainers that lease from it, such as superbatch exec."
          : `Start trainers with the capabilities that it requires (${requirements.join(", ")}); others are passed over.`,
    },
  ];
}

/** What is left of the budget. */
export function budgetFindings({ study }: StudyEvidence): Finding[] {
  const { state, stateReason, spec, progress } = study;
  if (state === "STUDY_STATE_COMPLETED")
    return [
      {
        severity: "note",
        kind: "budget-used",
        finding: `The study is completed${stateReason === "" ? "" : `: ${stateReason}`}.`,
        remedy: "Add to its budget to let it go on: superbatch study resume --trials N or --cost C.",
      },
    ];
  const limits = [
    ["completed trials", progress?.completed ?? 0, spec?.budget?.maxTrials ?? 0],
    [`of cost (${spec?.costUnit})`, progress?.cost?.total ?? 0, spec?.budget?.maxCost ?? 0],
  ] as const;
  return limits.flatMap(([name, used, limit]): Finding[] =>
    limit > 0 && used >= 0.9 * limit && used < limit
      ? [
          {
            severity: "note",
            kind: "budget-nearly-used",
            finding: `${Number(used.toPrecision(3))} of ${limit} ${name} are used: the study will soon be completed.`,
            remedy: "",
          },
        ]
      : [],
  );
}

function lastSeen({ startTime, endTime }: optimizer.Trial): number {
  return Math.max(startTime?.getTime() ?? 0, endTime?.getTime() ?? 0);
}
