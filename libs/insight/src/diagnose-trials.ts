import type { optimizer } from "@superbatch/contracts";
import type { StudyEvidence } from "./diagnose.ts";
import type { Finding } from "./finding.ts";

/** Clocks may differ by this much, in seconds, before it is worth a word. */
const tolerableSkew = 5;

/** How trials end, what their leases and clocks say. */
export function trialFindings(evidence: StudyEvidence): Finding[] {
  return [...failures(evidence), ...lostLeases(evidence), ...clockSkew(evidence), ...constantValues(evidence)];
}

function failures({ trials }: StudyEvidence): Finding[] {
  const bad = trials.filter(({ state }) => state === "TRIAL_STATE_FAILED" || state === "TRIAL_STATE_INFEASIBLE");
  const good = trials.filter(({ measurement }) => measurement).length;
  if (bad.length === 0) return [];
  const reasons = Map.groupBy(bad, ({ reason }) => reason.replaceAll(/\d+(\.\d+)?(e[-+]?\d+)?/gi, "#").trim());
  const [, most] = [...reasons].sort(([, a], [, b]) => b.length - a.length)[0]!;
  const example = most[0]!;
  const alike =
    most.length === bad.length
      ? bad.length === 1
        ? ""
        : ", all for the same reason"
      : `, ${most.length} of them alike`;
  const all = good === 0 && bad.length > 1;
  if (!all && bad.length < 0.2 * (bad.length + good)) return [];
  return [
    {
      severity: all ? "problem" : "warning",
      kind: all ? "all-trials-fail" : "many-trials-fail",
      finding: `${bad.length} of ${bad.length + good} ended trials failed or were infeasible${alike}: trial ${example.number}: ${firstLine(example.reason)}`,
      remedy: all
        ? "Run one trial by hand with its parameters (superbatch trial show) and mend the trainer; no point of this space has worked yet."
        : "Look at these trials (superbatch trial list --state failed,infeasible); if parts of the space cannot work, narrow it.",
    },
  ];
}

function lostLeases({ study, trials, now }: StudyEvidence): Finding[] {
  const leaseSeconds = study.spec?.lease?.leaseSeconds || 60;
  const findings: Finding[] = [];
  const expired = trials.filter(({ leaseExpireTime }) => leaseExpireTime && leaseExpireTime.getTime() < now - 10_000);
  if (expired.length > 0)
    findings.push({
      severity: "warning",
      kind: "expired-leases",
      finding: `${expired.length} leases have expired and are still held, such as that of trial ${expired[0]!.number} by ${expired[0]!.worker}.`,
      remedy:
        "If they stay so for minutes, the optimizer does not collect them, or its clock is behind this one: compare the clocks.",
    });
  const again = trials.filter(({ attempts }) => attempts > 1);
  const started = trials.filter(({ attempts }) => attempts > 0).length;
  if (again.length >= 2 && again.length > 0.2 * started)
    findings.push({
      severity: "warning",
      kind: "many-attempts",
      finding: `${again.length} of ${started} trials took more than one attempt: trainers fail, or are lost before they report.`,
      remedy: `See that trainers live and send heartbeats well within the lease of ${leaseSeconds} s, or give a longer one.`,
    });
  return findings;
}

/** Times of the optimizer that lie in this clock's future. */
function clockSkew({ study, trials, now }: StudyEvidence): Finding[] {
  const times = [
    study.updateTime,
    ...trials.flatMap(({ createTime, startTime, endTime }) => [createTime, startTime, endTime]),
  ];
  const ahead = (Math.max(...times.map((time) => time?.getTime() ?? 0)) - now) / 1000;
  if (ahead < tolerableSkew) return [];
  return [
    {
      severity: "warning",
      kind: "clock-skew",
      finding: `The optimizer's clock is ${Math.round(ahead)} s or more ahead of this machine's.`,
      remedy: "Synchronize the clocks (NTP): leases and time budgets follow the optimizer's.",
    },
  ];
}

/** A metric that never changes cannot be optimized. */
function constantValues({ study, trials }: StudyEvidence): Finding[] {
  const values = trials.flatMap(({ measurement }: optimizer.Trial) => (measurement ? [measurement.value] : []));
  if (values.length < 4 || values.some((value) => value !== values[0])) return [];
  return [
    {
      severity: "problem",
      kind: "constant-values",
      finding: `All ${values.length} results of ${study.spec?.objective?.metric} are ${values[0]}.`,
      remedy: "See that the trainer uses the parameters that it gets, and reports the metric that the study names.",
    },
  ];
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n");
  return line === "" ? "(no reason given)" : line;
}
